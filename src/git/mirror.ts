import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { SluiceError } from "../errors.ts";
import type { CommitInfo, GitMirror, NewCommit, PushResult, TreeEntry } from "../model/ports/git.ts";
import { logFields, logFormat, parseCommit, plain, readCommit } from "./commit.ts";
import { type Credentials, noCredentials } from "./credentials.ts";
import { isObjectId, ObjectReader, writeObject } from "./objects.ts";
import { gitError, mustGit, runGit, withoutCredentials } from "./process.ts";
import { isFile, isFolder, parseTree, replaceFiles, type TreeItem } from "./tree.ts";

const maxTextBytes = 8 * 1024 * 1024;
/** Housekeeping happens while we wait for it, so that no process of ours outlives us. */
const inForeground = ["-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false"];
const maxFetchesAgain = 5;
const maxWalk = 16;

/** A bare mirror in a folder. Reads go through one long-lived git process, writes make loose objects. */
export class Mirror implements GitMirror {
  readonly url: string;
  readonly #directory: string;
  /** The address given to git: without what a person may have written into it for signing in. */
  readonly #address: string;
  readonly #credentials: Credentials;
  readonly #objects: ObjectReader;
  readonly #trees = new LRUCache<string, readonly TreeItem[]>({ max: 5_000 });
  readonly #ancestors = new LRUCache<string, boolean>({ max: 5_000 });
  readonly #abandoned = new AbortController();
  #heads: ReadonlyMap<string, string> = new Map();
  #pushes = 0;
  #moving: Promise<unknown> = Promise.resolve();
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(url: string, directory: string, credentials: Credentials) {
    this.url = url;
    this.#address = /^https?:/.test(url) ? withoutCredentials(url) : url;
    this.#directory = directory;
    this.#credentials = credentials;
    this.#objects = new ObjectReader(directory);
  }

  /** Opens the mirror in `folder`, making it when it is not there. Fetches nothing yet. */
  static async open(url: string, folder: string, credentials: Credentials = noCredentials): Promise<Mirror> {
    if (url.startsWith("-")) throw new SluiceError("bad_request", `"${url}" is no repository address`);
    const there = await stat(join(folder, "HEAD")).then(
      () => true,
      () => false,
    );
    if (!there) {
      await mkdir(folder, { recursive: true });
      await mustGit(folder, ["init", "--quiet", "--bare"], "making the mirror");
    }
    const mirror = new Mirror(url, folder, credentials);
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
    const root = await this.#rootOf(commit);
    for (const path of paths) {
      const parts = path.split("/").filter((part) => part !== "" && part !== ".");
      if (parts.includes("..")) throw new SluiceError("bad_request", `the path "${path}" leaves the repository`);
      await this.#collect(root, parts, "", found);
    }
    return [...found.values()];
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
    const object = await this.#object(blob, "blob");
    if (object.length > maxTextBytes)
      throw new SluiceError("too_large", `a file of ${object.length} bytes is too large to read`);
    return object.toString("utf8");
  }

  async log(
    from: string | undefined,
    to: string,
    options: { limit?: number; paths?: readonly string[]; containing?: readonly string[] } = {},
  ): Promise<readonly CommitInfo[]> {
    if (![from ?? to, to].every(isObjectId)) throw new SluiceError("git_failed", "reading history: no such commit");
    if (from !== undefined && options.paths === undefined) {
      const short = await this.#walk(from, to);
      const wanted = short?.filter((commit) => options.containing?.some((text) => commit.body.includes(text)) ?? true);
      if (wanted !== undefined) return wanted.slice(0, options.limit);
    }
    const args = ["--literal-pathspecs", "log", "-z", `--format=${logFormat}`];
    if (options.limit !== undefined) args.push(`--max-count=${options.limit}`);
    if (options.containing !== undefined)
      args.push("--fixed-strings", ...options.containing.map((text) => `--grep=${text}`));
    args.push(from === undefined ? to : `${from}..${to}`, "--", ...(options.paths ?? []));
    const fields = (await mustGit(this.#directory, args, "reading history")).split("\0");
    const commits: CommitInfo[] = [];
    for (let at = 0; at + logFields <= fields.length; at += logFields)
      commits.push(parseCommit(fields.slice(at, at + logFields)));
    return commits;
  }

  /** The few commits of a straight line, read without starting git; undefined when it is longer or not straight. */
  async #walk(from: string, to: string): Promise<CommitInfo[] | undefined> {
    const found: CommitInfo[] = [];
    for (let at = to; at !== from; at = found.at(-1)!.parents[0]!) {
      if (found.length === maxWalk) return undefined;
      const commit = readCommit(at, await this.#object(at, "commit"));
      if (commit?.parents.length !== 1) return undefined;
      found.push(commit);
    }
    return found;
  }

  async isAncestor(ancestor: string, commit: string): Promise<boolean> {
    if (ancestor === commit) return true;
    if (!isObjectId(ancestor) || !isObjectId(commit)) return false;
    const key = `${ancestor} ${commit}`;
    const known = this.#ancestors.get(key);
    if (known !== undefined) return known;
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
      write: (type: "blob" | "tree", data: Buffer) => writeObject(this.#directory, type, data),
    };
    const root = await this.#rootOf(commit.parent);
    const tree = commit.files.size === 0 ? root : await replaceFiles(access, root, commit.files);
    const who = `${plain(commit.author.name)} <${plain(commit.author.email)}>`;
    const at = `${Math.floor(commit.at / 1_000)} +0000`;
    const text = `tree ${tree}\nparent ${commit.parent}\nauthor ${who} ${at}\ncommitter ${who} ${at}\n\n${commit.message}`;
    const id = await writeObject(this.#directory, "commit", Buffer.from(text.replaceAll("\0", ""), "utf8"));
    this.#ancestors.set(`${commit.parent} ${id}`, true);
    return id;
  }

  async push(branch: string, commit: string, expected: string): Promise<PushResult> {
    const ref = `refs/heads/${branch}`;
    const run = await runGit(
      this.#directory,
      ["push", "--porcelain", "--quiet", `--force-with-lease=${ref}:${expected}`, this.#address, `${commit}:${ref}`],
      { environment: await this.#credentials(this.url) },
    );
    if (run.code === 0) {
      this.#pushes++;
      this.#heads = new Map([...this.#heads, [branch, commit]]);
      // Nobody has to wait for the mirror's own branch: it is for the next start, and a fetch that was faster knows better.
      this.#moving = this.#moving
        .then(() => runGit(this.#directory, ["update-ref", ref, commit, expected]))
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

  async #rootOf(commit: string): Promise<string> {
    const data = await this.#object(commit, "commit");
    return data.toString("latin1", 5, 45);
  }

  async #tree(id: string): Promise<readonly TreeItem[]> {
    const known = this.#trees.get(id);
    if (known !== undefined) return known;
    const items = parseTree(await this.#object(id, "tree"));
    this.#trees.set(id, items);
    return items;
  }

  async #object(id: string, type: string): Promise<Buffer> {
    const object = await this.#objects.read(id);
    if (object?.type !== type)
      throw new SluiceError("git_failed", `${this.#address} has no ${type} ${id.slice(0, 12)}`);
    return object.data;
  }
}
