import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { SluiceError } from "../errors.ts";
import { type Identity, sluiceIdentity } from "../model/identity.ts";
import type { CommitInfo, FolderEntry, GitMirror, NewCommit, PushResult, TreeEntry } from "../model/ports/git.ts";
import { formatCommit, logFields, logFormat, parseCommit } from "./commit.ts";
import { Contents } from "./contents.ts";
import { type Credentials, noCredentials } from "./credentials.ts";
import { DirectPush } from "./directPush.ts";
import { History } from "./history.ts";
import { removeLeftLocks } from "./leftLocks.ts";
import { type GitObject, isObjectId, ObjectReader, objectId, writeObject } from "./objects.ts";
import { gitError, mustGit, runGit } from "./process.ts";
import { readHeads } from "./refs.ts";
import type { Signer } from "./signing.ts";
import { replaceFiles } from "./tree.ts";
import { type MadeCommits, type MadeObject, Unwritten } from "./unwritten.ts";
import { tellsOfDamage, withoutCredentials } from "./words.ts";

/** Housekeeping happens while we wait for it, so that no process of ours outlives us. */
const inForeground = ["-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false"];
const maxFetchesAgain = 5;
/** How long a push may go on after `abandon`: cut short, it comes again with the next start. */
const pushGraceMs = 3_000;
/** How far history is read without starting git, which is slower to begin and faster to go on. */
const maxWalk = 256;
const maxWalkInFiles = 32;
const maxUnwrittenBytes = 32 * 1024 * 1024;
/** What git calls a ref that must not be there. */
const noObject = "0".repeat(40);

export interface MirrorOptions {
  readonly credentials?: Credentials;
  /** Left out, commits are not signed. */
  readonly signer?: Signer;
  /** Whom commits name as their committer; left out, Sluice with an address of nobody. */
  readonly committer?: Identity;
}

/**
 * A bare mirror in a folder. Reads go through one long-lived git process; commits are made in memory, pushed from there
 * where the server takes it, and written as loose objects when nobody waits for it.
 */
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
  readonly #direct: DirectPush;
  readonly #unwritten = new Unwritten();
  readonly #contents = new Contents((id, type) => this.#object(id, type));
  readonly #ancestors = new LRUCache<string, boolean>({ max: 5_000 });
  readonly #abandoned = new AbortController();
  /** Ends what `#abandoned` leaves some time: a push that is nearly through. */
  readonly #late = new AbortController();
  #heads: ReadonlyMap<string, string> = new Map();
  /** Objects are missing or cannot be read: the next fetch begins from nothing. */
  #broken = false;
  #pushes = 0;
  /** Where our pushes left branches since the last fetch, and which push that was. */
  readonly #ownHeads = new Map<string, { readonly turn: number; readonly commit: string | undefined }>();
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
    this.#direct = new DirectPush(this.#address, () => this.#credentials(url), this.#late.signal);
  }

  /** Opens the mirror in `folder`, making it when it is not there. Fetches nothing yet. */
  static async open(url: string, folder: string, options: MirrorOptions = {}): Promise<Mirror> {
    if (url.startsWith("-")) throw new SluiceError("bad_request", `"${url}" is no repository address`);
    // What git makes last: it may have been killed while it made the mirror.
    const there = await stat(join(folder, "objects/info")).then(
      () => true,
      () => false,
    );
    if (!there) {
      await mkdir(folder, { recursive: true });
      await mustGit(folder, ["init", "--quiet", "--bare"], "making the mirror");
    }
    const mirror = new Mirror(url, folder, options);
    mirror.#heads = await readHeads(folder);
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
      if (this.#broken) await this.#empty();
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
      const isAbandoned = this.#abandoned.signal.aborted;
      if (run.code !== 0 && !isAbandoned && tries === 0 && tellsOfDamage(run.stderr)) {
        this.#broken = true;
        continue;
      }
      if (run.code !== 0 && !isAbandoned && tries < maxFetchesAgain && (await removeLeftLocks(this.#directory)))
        continue;
      if (run.code !== 0 && isAbandoned)
        throw new SluiceError("git_failed", `fetching ${this.#address}: given up, for we are ending`, {
          abandoned: true,
        });
      if (run.code !== 0) throw gitError(`fetching ${this.#address}`, run.stderr);
      const heads = await readHeads(this.#directory);
      if (pushes !== this.#pushes && tries < maxFetchesAgain) continue;
      // Who pushes all the time cannot look again for ever: what was pushed since is newer than what was seen.
      for (const [branch, { turn, commit }] of this.#ownHeads) if (turn > pushes) setHead(heads, branch, commit);
      if (pushes === this.#pushes) this.#ownHeads.clear();
      this.#heads = heads;
      return;
    }
  }

  /** Makes the mirror anew, for a power cut left it without what it should have; all of it is on the Git host. */
  async #empty(): Promise<void> {
    for (const name of ["HEAD", "config", "objects", "refs", "packed-refs"])
      await rm(join(this.#directory, name), { recursive: true, force: true });
    await mustGit(this.#directory, ["init", "--quiet", "--bare"], "making the mirror");
    this.#objects.restart();
    this.#broken = false;
  }

  async head(branch: string): Promise<string | undefined> {
    return this.#heads.get(branch);
  }

  async files(commit: string, paths: readonly string[]): Promise<readonly TreeEntry[]> {
    return this.#contents.files(await this.#history.tree(commit), paths);
  }
  async entry(commit: string, path: string): Promise<FolderEntry | undefined> {
    return this.#contents.entry(await this.#history.tree(commit), path);
  }
  folder(id: string): Promise<readonly FolderEntry[]> {
    return this.#contents.folder(id);
  }
  read(blob: string): Promise<string> {
    return this.#contents.text(blob);
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
        paths === undefined ? maxWalk : maxWalkInFiles,
        async (commit) =>
          (containing?.some((text) => commit.body.includes(text)) ?? true) && (await this.#touches(commit, paths)),
      );
      if (short !== undefined) return short;
    }
    const args = ["--literal-pathspecs", "log", "-z", `--format=${logFormat}`];
    if (limit !== undefined) args.push(`--max-count=${limit}`);
    if (containing !== undefined) args.push("--fixed-strings", ...containing.map((text) => `--grep=${text}`));
    args.push(from === undefined ? to : `${from}..${to}`, "--", ...(paths ?? []));
    await this.written();
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
    await this.written();
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
    await this.written();
    const run = await runGit(this.#directory, ["merge-base", "--is-ancestor", ancestor, commit]);
    if (run.code > 1) return false;
    this.#ancestors.set(key, run.code === 0);
    return run.code === 0;
  }

  async commit(commit: NewCommit): Promise<string> {
    for (const path of commit.files.keys())
      if (path.split("/").some((part) => part === "" || part === "." || part === ".." || /^\.git$/i.test(part)))
        throw new SluiceError("bad_request", `"${path}" cannot be a path of a repository`);
    const made: MadeObject[] = [];
    const access = {
      tree: (id: string) => this.#contents.tree(id),
      write: async (type: "blob" | "tree", data: Buffer) => {
        const id = objectId(type, data);
        made.push({ id, type, data });
        this.#contents.keep(type, id, data);
        return id;
      },
    };
    const root = await this.#history.tree(commit.parent);
    const tree = commit.files.size === 0 ? root : await replaceFiles(access, root, commit.files);
    const { parent, author, message, at } = commit;
    const data = await formatCommit({ tree, parent, author, committer: this.#committer, at, message }, this.#signer);
    const id = objectId("commit", data);
    this.#history.keep(id, data);
    this.#unwritten.add(id, commit.parent, [...made, { id, type: "commit", data }]);
    if (this.#unwritten.bytes > maxUnwrittenBytes) await this.written();
    this.#ancestors.set(`${commit.parent} ${id}`, true);
    return id;
  }

  async push(branch: string, commit: string | undefined, expected: string | undefined): Promise<PushResult> {
    const ref = `refs/heads/${branch}`;
    const made = commit && expected && this.#unwritten.between(expected, commit);
    if (commit && expected && made) {
      const direct = await this.#direct.push(ref, expected, commit, made.objects);
      if (direct === "moved") return this.#pushed(branch, commit, expected, made);
      if (direct === "refused") {
        await this.fetch();
        if (this.#heads.get(branch) === commit) return { pushed: true };
        if (this.#heads.get(branch) !== expected) {
          this.#unwritten.forget(made);
          return { pushed: false, reason: "lost race" };
        }
        // The branch did not move, so it is the server that does not want it: git tells why.
      }
    }
    await this.written();
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
      { environment: await this.#credentials(this.url), signal: this.#late.signal },
    );
    if (run.code === 0) return this.#pushed(branch, commit, expected);
    // Whether another was faster is read from the branch itself, not from the words of one Git host or another.
    await this.fetch();
    if (this.#heads.get(branch) === commit) return { pushed: true };
    if (this.#heads.get(branch) !== expected) return { pushed: false, reason: "lost race" };
    const isRefused = /^!\t/m.test(run.stdout);
    throw gitError(`pushing to ${this.#address} ${branch}`, `${run.stderr}\n${run.stdout}`, { isRefused });
  }

  #pushed(branch: string, commit: string | undefined, expected: string | undefined, made?: MadeCommits): PushResult {
    const heads = new Map(this.#heads);
    setHead(heads, branch, commit);
    this.#heads = heads;
    this.#ownHeads.set(branch, { turn: ++this.#pushes, commit });
    // Nobody has to wait for the mirror's own branch: it is for the next start, and a fetch that was faster knows better.
    this.#moving = this.#moving
      .then(() => made && this.#write(made))
      .then(() =>
        runGit(this.#directory, ["update-ref", `refs/heads/${branch}`, commit ?? noObject, expected ?? noObject]),
      )
      .catch(() => {});
    return { pushed: true };
  }

  /** Resolves once every commit made so far is on disk, where other processes find it. */
  async written(): Promise<void> {
    await this.#moving;
    await this.#write(this.#unwritten.all());
  }

  async #write(made: MadeCommits): Promise<void> {
    for (const object of made.objects) await writeObject(this.#directory, object);
    this.#unwritten.forget(made);
  }

  /** Ends a fetch under way, and every later one at once: nobody who stops waits for a host that does not answer. */
  abandon(): void {
    this.#abandoned.abort();
    setTimeout(() => this.#late.abort(), pushGraceMs).unref();
  }
  async close(): Promise<void> {
    await (this.#next ?? this.#running)?.catch(() => {});
    await this.#moving;
    await this.#direct.close();
    this.#objects.close();
  }

  async #object(id: string, type: string): Promise<Buffer> {
    const object = this.#unwritten.get(id) ?? (await this.#read(id));
    // A commit may be asked for that is not here; what a commit is made of is always here, too.
    if (object === undefined && type !== "commit") this.#broken = true;
    if (object?.type !== type)
      throw new SluiceError("git_failed", `${this.#address} has no ${type} ${id.slice(0, 12)}`);
    return object.data;
  }
  async #read(id: string): Promise<GitObject | undefined> {
    try {
      return await this.#objects.read(id);
    } catch (error) {
      if (error instanceof SluiceError && error.facts.isDamaged === true) this.#broken = true;
      throw error;
    }
  }
}

function setHead(heads: Map<string, string>, branch: string, commit: string | undefined): void {
  if (commit === undefined) heads.delete(branch);
  else heads.set(branch, commit);
}
