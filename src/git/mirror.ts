import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { SluiceError } from "../errors.ts";
import { type Identity, sluiceIdentity } from "../model/identity.ts";
import type { CommitInfo, FolderEntry, GitMirror, NewCommit, PushResult, TreeEntry } from "../model/ports/git.ts";
import { formatCommit, logFields, logFormat, parseCommit } from "./commit.ts";
import { type Credentials, noCredentials } from "./credentials.ts";
import { History } from "./history.ts";
import { isObjectId, ObjectReader, writeObject } from "./objects.ts";
import { gitError, mustGit, runGit } from "./process.ts";
import type { Signer } from "./signing.ts";
import { isFile, isFolder, parseTree, replaceFiles, type TreeItem } from "./tree.ts";
import { withoutCredentials } from "./words.ts";

const maxTextBytes = 8 * 1024 * 1024;
/** Housekeeping happens while we wait for it, so that no process of ours outlives us. */
const inForeground = ["-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false"];
const maxFetchesAgain = 5;
const maxKeptTextBytes = 32 * 1024 * 1024;
/** What git calls a ref that must not be there. */
const noObject = "0".repeat(40);

export interface MirrorOptions {
  readonly credentials?: Credentials;
  /** Left out, commits are not signed. */
  readonly signer?: Signer;
  /** Whom commits name as their committer; left out, Sluice with an address of nobody. */
  readonly committer?: Identity;
}

/** A bare mirror in a folder. Reads go through one long-lived git process, writes make loose objects. */
export class Mirror implements GitMirror {
  readonly url: string;
  readonly #directory: string;
  /** The address given to git: without what a person may have written into it for signing in. */
  readonly #address: string;
  readonly #credentials: Credentials;
  readonly #committer: Identity;
  readonly #signer: Signer | undefined;
  readonly #objects: ObjectReader;
  readonly #history: History;
  readonly #trees = new LRUCache<string, readonly TreeItem[]>({ maxSize: 1_000_000 });
  readonly #texts = new LRUCache<string, string>({ maxSize: maxKeptTextBytes });
  readonly #ancestors = new LRUCache<string, boolean>({ max: 5_000 });
  readonly #abandoned = new AbortController();
  #heads: ReadonlyMap<string, string> = new Map();
  #pushes = 0;
  #moving: Promise<unknown> = Promise.resolve();
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(url: string, directory: string, options: MirrorOptions) {
    this.url = url;
    this.#address = /^https?:/.test(url) ? withoutCredentials(url) : url;
    this.#directory = directory;
    this.#credentials = options.credentials ?? noCredentials;
    this.#committer = options.committer ?? sluiceIdentity;
    this.#signer = options.signer;
    this.#objects = new ObjectReader(directory);
    this.#history = new History((id) => this.#object(id, "commit"));
  }

  /** Opens the mirror in `folder`, making it when it is not there. Fetches nothing yet. */
  static async open(url: string, folder: string, options: MirrorOptions = {}): Promise<Mirror> {
    if (url.startsWith("-")) throw new SluiceError("bad_request", `"${url}" is no repository address`);
    const there = await stat(join(folder, "HEAD")).then(
      () => true,
      () => false,
    );
    if (!there) {
      await mkdir(folder, { recursive: true });
      await mustGit(folder, ["init", "--quiet", "--bare"], "making the mirror");
    }
    const mirror = new Mirror(url, folder, options);
    mirror.#heads = await mirror.#readHeads();
    return mirror;
  }

  /** Joins the fetch that starts next: one that runs already may have looked before the caller's event. */
  fetch(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  #start(): Promise<void> {
    this.#next = undefined;
    const running = this.#fetchNow().finally(() => {
      if (this.#next === undefined) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  /** A push of ours that ends meanwhile makes what this fetch saw old: it looks again, so that no branch goes back. */
  async #fetchNow(): Promise<void> {
    for (let tries = 0; ; tries++) {
      const pushes = this.#pushes;
      await this.#moving;
      const run = await runGit(
        this.#directory,
        [
          ...inForeground,
          "fetch",
          "--quiet",
          "--prune",
          "--no-tags",
          "--no-write-fetch-head",
          this.#address,
          "+refs/heads/*:refs/heads/*",
        ],
        { environment: await this.#credentials(this.url), signal: this.#abandoned.signal },
      );
      // Git refuses to move a branch that our push moved while it fetched: that is a reason to look again, not to fail.
      if (run.code !== 0 && pushes !== this.#pushes && tries < maxFetchesAgain) continue;
      if (run.code !== 0) throw gitError(`fetching ${this.#address}`, run.stderr);
      const heads = await this.#readHeads();
      if (pushes !== this.#pushes && tries < maxFetchesAgain) continue;
      this.#heads = heads;
      return;
    }
  }

  async #readHeads(): Promise<Map<string, string>> {
    const text = await mustGit(
      this.#directory,
      ["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads"],
      "reading branches",
    );
    const heads = new Map<string, string>();
    for (const line of text.split("\n")) {
      const space = line.indexOf(" ");
      if (space > 0) heads.set(line.slice(space + 1).replace("refs/heads/", ""), line.slice(0, space));
    }
    return heads;
  }

  async head(branch: string): Promise<string | undefined> {
    return this.#heads.get(branch);
  }

  async files(commit: string, paths: readonly string[]): Promise<readonly TreeEntry[]> {
    const found = new Map<string, TreeEntry>();
    const root = await this.#history.tree(commit);
    for (const path of paths) await this.#collect(root, partsOf(path), "", found);
    return [...found.values()];
  }

  async entry(commit: string, path: string): Promise<FolderEntry | undefined> {
    let at: FolderEntry = { name: "", kind: "folder", id: await this.#history.tree(commit) };
    for (const part of partsOf(path)) {
      const item = at.kind === "folder" ? (await this.#tree(at.id)).find(({ name }) => name === part) : undefined;
      const next = item && entryOf(item);
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  }

  async folder(id: string): Promise<readonly FolderEntry[]> {
    return (await this.#tree(id)).flatMap((item) => entryOf(item) ?? []);
  }

  async #collect(tree: string, parts: readonly string[], prefix: string, found: Map<string, TreeEntry>): Promise<void> {
    const [wanted, ...rest] = parts;
    for (const item of await this.#tree(tree)) {
      if (wanted !== undefined && item.name !== wanted) continue;
      const path = prefix + item.name;
      if (isFolder(item)) await this.#collect(item.id, rest, `${path}/`, found);
      else if (isFile(item) && rest.length === 0) found.set(path, { path, blob: item.id, mode: item.mode });
    }
  }

  async read(blob: string): Promise<string> {
    const known = this.#texts.get(blob);
    if (known !== undefined) return known;
    const object = await this.#object(blob, "blob");
    if (object.length > maxTextBytes)
      throw new SluiceError("too_large", `a file of ${object.length} bytes is too large to read`);
    return this.#keepText(blob, object);
  }

  #keepText(blob: string, data: Buffer): string {
    const text = data.toString("utf8");
    this.#texts.set(blob, text, { size: data.length + 100 });
    return text;
  }

  async log(
    from: string | undefined,
    to: string,
    options: { limit?: number; paths?: readonly string[]; containing?: readonly string[] } = {},
  ): Promise<readonly CommitInfo[]> {
    if (![from ?? to, to].every(isObjectId)) throw new SluiceError("git_failed", "reading history: no such commit");
    const { limit, paths, containing } = options;
    if (from !== undefined || limit !== undefined) {
      const short = await this.#history.straight(
        from,
        to,
        limit ?? Number.POSITIVE_INFINITY,
        async (commit) =>
          (containing?.some((text) => commit.body.includes(text)) ?? true) && (await this.#touches(commit, paths)),
      );
      if (short !== undefined) return short;
    }
    const args = ["--literal-pathspecs", "log", "-z", `--format=${logFormat}`];
    if (limit !== undefined) args.push(`--max-count=${limit}`);
    if (containing !== undefined) args.push("--fixed-strings", ...containing.map((text) => `--grep=${text}`));
    args.push(from === undefined ? to : `${from}..${to}`, "--", ...(paths ?? []));
    const fields = (await mustGit(this.#directory, args, "reading history")).split("\0");
    const commits: CommitInfo[] = [];
    for (let at = 0; at + logFields <= fields.length; at += logFields)
      commits.push(parseCommit(fields.slice(at, at + logFields)));
    return commits;
  }

  /** Whether a commit of a straight line changed what stands at one of the paths. */
  async #touches({ commit, parents }: CommitInfo, paths: readonly string[] | undefined): Promise<boolean> {
    if (paths === undefined) return true;
    const [parent] = parents;
    for (const path of paths) {
      const before = parent === undefined ? undefined : await this.entry(parent, path);
      if ((await this.entry(commit, path))?.id !== before?.id) return true;
    }
    return false;
  }

  async resolve(abbreviated: string): Promise<string | undefined> {
    if (!/^[0-9a-f]{4,40}$/.test(abbreviated)) return undefined;
    const run = await runGit(this.#directory, ["rev-parse", "--verify", "--quiet", `${abbreviated}^{commit}`]);
    const found = run.stdout.trim();
    // A branch may be called like the beginning of an id.
    return run.code === 0 && found.startsWith(abbreviated) ? found : undefined;
  }

  async isAncestor(ancestor: string, commit: string): Promise<boolean> {
    if (ancestor === commit) return true;
    if (!isObjectId(ancestor) || !isObjectId(commit)) return false;
    const key = `${ancestor} ${commit}`;
    const known = this.#ancestors.get(key) ?? (await this.#history.isBefore(ancestor, commit).catch(() => undefined));
    if (known !== undefined) {
      this.#ancestors.set(key, known);
      return known;
    }
    const run = await runGit(this.#directory, ["merge-base", "--is-ancestor", ancestor, commit]);
    if (run.code > 1) return false;
    this.#ancestors.set(key, run.code === 0);
    return run.code === 0;
  }

  async commit(commit: NewCommit): Promise<string> {
    for (const path of commit.files.keys())
      if (path.split("/").some((part) => part === "" || part === "." || part === ".." || /^\.git$/i.test(part)))
        throw new SluiceError("bad_request", `"${path}" cannot be a path of a repository`);
    const access = {
      tree: (id: string) => this.#tree(id),
      write: async (type: "blob" | "tree", data: Buffer) => {
        const id = writeObject(this.#directory, type, data);
        if (type === "tree") this.#keepTree(id, parseTree(data));
        else if (data.length <= maxTextBytes) this.#keepText(id, data);
        return id;
      },
    };
    const root = await this.#history.tree(commit.parent);
    const tree = commit.files.size === 0 ? root : await replaceFiles(access, root, commit.files);
    const { parent, author, message, at } = commit;
    const data = await formatCommit({ tree, parent, author, committer: this.#committer, at, message }, this.#signer);
    const id = writeObject(this.#directory, "commit", data);
    this.#history.keep(id, data);
    this.#ancestors.set(`${commit.parent} ${id}`, true);
    return id;
  }

  async push(branch: string, commit: string | undefined, expected: string | undefined): Promise<PushResult> {
    const ref = `refs/heads/${branch}`;
    const run = await runGit(
      this.#directory,
      [
        "push",
        "--porcelain",
        "--quiet",
        `--force-with-lease=${ref}:${expected ?? ""}`,
        this.#address,
        `${commit ?? ""}:${ref}`,
      ],
      { environment: await this.#credentials(this.url) },
    );
    if (run.code === 0) {
      this.#pushes++;
      const others = [...this.#heads].filter(([name]) => name !== branch);
      this.#heads = new Map(commit === undefined ? others : [...others, [branch, commit]]);
      // Nobody has to wait for the mirror's own branch: it is for the next start, and a fetch that was faster knows better.
      this.#moving = this.#moving
        .then(() => runGit(this.#directory, ["update-ref", ref, commit ?? noObject, expected ?? noObject]))
        .catch(() => {});
      return { pushed: true };
    }
    // Whether another was faster is read from the branch itself, not from the words of one Git host or another.
    await this.fetch();
    if (this.#heads.get(branch) === commit) return { pushed: true };
    if (this.#heads.get(branch) !== expected) return { pushed: false, reason: "lost race" };
    throw gitError(`pushing to ${this.#address} ${branch}`, `${run.stderr}\n${run.stdout}`);
  }

  /** Ends a fetch under way, and every later one at once: nobody who stops waits for a host that does not answer. */
  abandon(): void {
    this.#abandoned.abort();
  }
  async close(): Promise<void> {
    await (this.#next ?? this.#running)?.catch(() => {});
    await this.#moving;
    this.#objects.close();
  }

  async #tree(id: string): Promise<readonly TreeItem[]> {
    return this.#trees.get(id) ?? this.#keepTree(id, parseTree(await this.#object(id, "tree")));
  }

  #keepTree(id: string, items: readonly TreeItem[]): readonly TreeItem[] {
    this.#trees.set(id, items, { size: items.length + 1 });
    return items;
  }

  async #object(id: string, type: string): Promise<Buffer> {
    const object = await this.#objects.read(id);
    if (object?.type !== type)
      throw new SluiceError("git_failed", `${this.#address} has no ${type} ${id.slice(0, 12)}`);
    return object.data;
  }
}

/** The parts of a path in a repository; throws where it leads out of it. */
function partsOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new SluiceError("bad_request", `the path "${path}" leaves the repository`);
  return parts;
}

/** What people see of a folder: neither symlinks nor submodules. */
function entryOf(item: TreeItem): FolderEntry | undefined {
  if (isFolder(item)) return { name: item.name, kind: "folder", id: item.id };
  return isFile(item) ? { name: item.name, kind: "file", id: item.id } : undefined;
}
