import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { SluiceError } from "../errors.ts";
import type { CommitInfo, GitMirror, NewCommit, PushResult, TreeEntry } from "../model/ports/git.ts";
import { ObjectReader, writeObject } from "./objects.ts";
import { gitError, mustGit, runGit, withoutCredentials } from "./process.ts";
import { isFile, isFolder, parseTree, replaceFiles, type TreeItem } from "./tree.ts";

const maxTextBytes = 8 * 1024 * 1024;
const logFormat = "%H%x00%P%x00%an%x00%ct%x00%s%x00%B%x1e";

/** A bare mirror in a folder. Reads go through one long-lived git process, writes make loose objects. */
export class Mirror implements GitMirror {
  readonly url: string;
  readonly #directory: string;
  readonly #objects: ObjectReader;
  readonly #trees = new LRUCache<string, readonly TreeItem[]>({ max: 5_000 });
  readonly #ancestors = new LRUCache<string, boolean>({ max: 5_000 });
  readonly #heads = new Map<string, string>();
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(url: string, directory: string) {
    this.url = url;
    this.#directory = directory;
    this.#objects = new ObjectReader(directory);
  }

  /** Opens the mirror in `folder`, making it when it is not there. Fetches nothing yet. */
  static async open(url: string, folder: string): Promise<Mirror> {
    if (url.startsWith("-")) throw new SluiceError("bad_request", `"${url}" is no repository address`);
    const there = await stat(join(folder, "HEAD")).then(
      () => true,
      () => false,
    );
    if (!there) {
      await mkdir(folder, { recursive: true });
      await mustGit(folder, ["init", "--quiet", "--bare"], "making the mirror");
    }
    const mirror = new Mirror(url, folder);
    await mirror.#readHeads();
    return mirror;
  }

  /** Joins the fetch that starts next: one that runs already may have looked before the caller's event. */
  fetch(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.catch(() => {}).then(() => this.#start());
    return this.#next;
  }

  #start(): Promise<void> {
    this.#next = undefined;
    const running = this.#fetchNow().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #fetchNow(): Promise<void> {
    const run = await runGit(this.#directory, [
      "fetch",
      "--quiet",
      "--prune",
      "--no-tags",
      "--no-write-fetch-head",
      this.url,
      "+refs/heads/*:refs/heads/*",
    ]);
    if (run.code !== 0) throw gitError(`fetching ${withoutCredentials(this.url)}`, run.stderr);
    await this.#readHeads();
  }

  async #readHeads(): Promise<void> {
    const text = await mustGit(
      this.#directory,
      ["for-each-ref", "--format=%(objectname) %(refname)", "refs/heads"],
      "reading branches",
    );
    this.#heads.clear();
    for (const line of text.split("\n")) {
      const space = line.indexOf(" ");
      if (space > 0) this.#heads.set(line.slice(space + 1).replace("refs/heads/", ""), line.slice(0, space));
    }
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
    options: { limit?: number; paths?: readonly string[] } = {},
  ): Promise<readonly CommitInfo[]> {
    const args = ["log", `--format=${logFormat}`, "--end-of-options", from === undefined ? to : `${from}..${to}`];
    if (options.limit !== undefined) args.splice(1, 0, `--max-count=${options.limit}`);
    const text = await mustGit(this.#directory, [...args, "--", ...(options.paths ?? [])], "reading history");
    return text
      .split("\x1e")
      .map((record) => record.replace(/^\n/, ""))
      .filter((record) => record !== "")
      .map(parseCommit);
  }

  async isAncestor(ancestor: string, commit: string): Promise<boolean> {
    if (ancestor === commit) return true;
    const key = `${ancestor} ${commit}`;
    const known = this.#ancestors.get(key);
    if (known !== undefined) return known;
    const run = await runGit(this.#directory, ["merge-base", "--is-ancestor", ancestor, commit]);
    if (run.code > 1) return false;
    this.#ancestors.set(key, run.code === 0);
    return run.code === 0;
  }

  async commit(commit: NewCommit): Promise<string> {
    const access = {
      tree: (id: string) => this.#tree(id),
      write: (type: "blob" | "tree", data: Buffer) => writeObject(this.#directory, type, data),
    };
    const root = await this.#rootOf(commit.parent);
    const tree = commit.files.size === 0 ? root : await replaceFiles(access, root, commit.files);
    const who = `${commit.author.name.replace(/[<>\n]/g, "")} <${commit.author.email.replace(/[<>\n]/g, "")}>`;
    const at = `${Math.floor(commit.at / 1_000)} +0000`;
    const text = `tree ${tree}\nparent ${commit.parent}\nauthor ${who} ${at}\ncommitter ${who} ${at}\n\n${commit.message}`;
    return writeObject(this.#directory, "commit", Buffer.from(text, "utf8"));
  }

  async push(branch: string, commit: string, expected: string): Promise<PushResult> {
    const ref = `refs/heads/${branch}`;
    const run = await runGit(this.#directory, [
      "push",
      "--porcelain",
      "--quiet",
      `--force-with-lease=${ref}:${expected}`,
      this.url,
      `${commit}:${ref}`,
    ]);
    if (run.code === 0) {
      await mustGit(this.#directory, ["update-ref", ref, commit], "moving the mirror's branch");
      this.#heads.set(branch, commit);
      return { pushed: true };
    }
    // Whether another was faster is read from the branch itself, not from the words of one Git host or another.
    await this.fetch();
    if (this.#heads.get(branch) === commit) return { pushed: true };
    if (this.#heads.get(branch) !== expected) return { pushed: false, reason: "lost race" };
    throw gitError(`pushing to ${withoutCredentials(this.url)} ${branch}`, `${run.stderr}\n${run.stdout}`);
  }

  async close(): Promise<void> {
    await this.#running?.catch(() => {});
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
      throw new SluiceError("git_failed", `${withoutCredentials(this.url)} has no ${type} ${id.slice(0, 12)}`);
    return object.data;
  }
}

function parseCommit(record: string): CommitInfo {
  const [commit, parents, author, at, subject, body] = record.split("\0");
  return {
    commit: commit!,
    parents: parents === "" ? [] : parents!.split(" "),
    author: author!,
    at: Number(at) * 1_000,
    subject: subject!,
    body: body!,
  };
}
