import { LRUCache } from "lru-cache";
import { SluiceError } from "../errors.ts";
import { type ReadAs, readAs, readFile } from "../manifests/files.ts";
import type { ManifestObject, ReadResult } from "../manifests/read.ts";
import { workloadOf } from "../manifests/workloads.ts";
import type { ImageRules } from "../model/documents.ts";
import type { FolderEntry, GitMirror } from "../model/ports/git.ts";
import type { Workload } from "../model/workload.ts";
import { type ImagePolicy, readImagePolicy } from "../policies/imagePolicy.ts";

/** One manifest file of an environment at a commit. */
export interface EnvironmentFile {
  readonly path: string;
  readonly blob: string;
  readonly result: ReadResult;
  /** The workloads in it, in the order written. */
  readonly workloads: readonly Workload[];
  /** Flux v2's ImagePolicies in it, each with its line. */
  readonly policies: readonly (ImagePolicy & { readonly line: number })[];
}
/** The manifests below a folder, in Git's order. Commits that have the same folder share one value. */
export interface Folder {
  readonly id: string;
  /** With a slash at the end; empty for the repository's own folder. */
  readonly prefix: string;
  readonly entries: readonly (EnvironmentFile | Folder)[];
  /** Files in it and below, how many of them cannot be read, and how many hold ImagePolicies. */
  readonly files: number;
  readonly broken: number;
  readonly ruling: number;
}
export type Root = EnvironmentFile | Folder;

export function isFolder(root: Root): root is Folder {
  return "entries" in root;
}

/** Folders can share what is in them, so that a few stand for billions of files: what nobody keeps is not read. */
const maxEntries = 60_000;
const maxPathLength = 4_096;

/** Files read as manifests or as what a rule calls them, by blob: an old version of a file comes back when a commit is taken back. */
const parsed = new LRUCache<string, ReadResult>({ maxSize: 64 * 1024 * 1024 });

/** Reads the files of one environment. A file or folder that `before` has already is taken from there. */
export class FolderReader {
  readonly #mirror: GitMirror;
  readonly #rules: ImageRules;
  /** The rules' own paths: all other files are manifests. */
  readonly #ruled: ReadonlySet<string>;
  /** Entries looked at since the last path was begun. */
  #looked = 0;
  #refused: SluiceError | undefined;

  constructor(mirror: GitMirror, rules: ImageRules) {
    this.#mirror = mirror;
    this.#rules = rules;
    this.#ruled = new Set(rules.files.map((rule) => normalPath(rule.path)));
  }

  /** What stands at a path of a commit; undefined where there is nothing, or nothing that holds manifests. */
  async root(commit: string, path: string, before: Root | undefined): Promise<Root | undefined> {
    const entry = await this.#mirror.entry(commit, path);
    if (entry === undefined) return undefined;
    this.#looked = 0;
    this.#refused = undefined;
    if (entry.kind === "folder") {
      const folder = await this.#folder(entry.id, path === "" ? "" : `${path}/`, folderOf(before));
      return folder.files === 0 ? undefined : folder;
    }
    return this.#isRead(path) ? this.#file(path, entry.id, fileOf(before)) : undefined;
  }

  async #folder(id: string, prefix: string, before: Folder | undefined): Promise<Folder> {
    if (before?.id === id) return before;
    const known = new Map(before?.entries.map((entry) => [pathOf(entry), entry]));
    const found = await this.#mirror.folder(id);
    this.#looked += found.length;
    if (this.#looked > maxEntries || prefix.length > maxPathLength) throw this.#refuse(prefix);
    const entries = await Promise.all(found.flatMap((entry) => this.#entry(entry, prefix, known) ?? []));
    let files = 0;
    let broken = 0;
    let ruling = 0;
    for (const entry of entries) {
      ruling += isFolder(entry) ? entry.ruling : entry.policies.length === 0 ? 0 : 1;
      files += isFolder(entry) ? entry.files : 1;
      broken += isFolder(entry) ? entry.broken : entry.result.ok ? 0 : 1;
    }
    return { id, prefix, entries, files, broken, ruling };
  }

  /** One error for all the folders that are waiting then. */
  #refuse(prefix: string): SluiceError {
    const what = `reading ${prefix}: more than ${maxEntries} files below one path, or folders nested too deep`;
    this.#refused ??= new SluiceError("too_large", what);
    return this.#refused;
  }

  #entry(entry: FolderEntry, prefix: string, known: ReadonlyMap<string, Root>): Root | Promise<Root> | undefined {
    const path = prefix + entry.name;
    if (entry.kind === "file")
      return this.#isRead(path) ? this.#file(path, entry.id, fileOf(known.get(path))) : undefined;
    const before = folderOf(known.get(`${path}/`));
    return before?.id === entry.id ? before : this.#folder(entry.id, `${path}/`, before);
  }

  #isRead(path: string): boolean {
    return /\.ya?ml$|\.json$/.test(path) || this.#ruled.has(path);
  }

  #file(path: string, blob: string, before: EnvironmentFile | undefined): EnvironmentFile | Promise<EnvironmentFile> {
    return before?.blob === blob ? before : this.#readFile(path, blob);
  }

  async #readFile(path: string, blob: string): Promise<EnvironmentFile> {
    const result = await this.#parse(blob, this.#ruled.has(path) ? readAs(path, this.#rules) : { kind: "manifests" });
    const objects = result.ok ? result.file.objects : [];
    const workloads = objects.flatMap((entry) =>
      isConfiguration(entry) ? [] : (workloadOf(entry, path, this.#rules) ?? []),
    );
    const policies = objects.flatMap(({ object, line }) => {
      const policy = readImagePolicy(object);
      return policy === undefined ? [] : [{ ...policy, line }];
    });
    return { path, blob, result, workloads, policies };
  }

  async #parse(blob: string, as: ReadAs): Promise<ReadResult> {
    const key = as.kind === "manifests" ? blob : `${blob} ${JSON.stringify(as)}`;
    const known = parsed.get(key);
    if (known !== undefined) return known;
    const text = await this.#text(blob);
    const result = typeof text === "string" ? readFile(text, as) : text;
    parsed.set(key, result, { size: (typeof text === "string" ? text.length : 0) + 500 });
    return result;
  }

  /** A file that is too large or no text is a problem of its own: the others are read. */
  async #text(blob: string): Promise<string | ReadResult> {
    try {
      return await this.#mirror.read(blob);
    } catch (thrown) {
      if (!(thrown instanceof SluiceError) || thrown.code === "git_failed") throw thrown;
      const { line } = thrown.facts;
      return { ok: false, problem: { message: thrown.message, ...(typeof line === "number" ? { line } : {}) } };
    }
  }
}

/** Every file below a root, in order. */
export function filesBelow(root: Root): EnvironmentFile[] {
  return isFolder(root) ? root.entries.flatMap(filesBelow) : [root];
}

/** Every file below a root that cannot be read, in order; folders without any are passed over. */
export function brokenBelow(root: Root): EnvironmentFile[] {
  if (!isFolder(root)) return root.result.ok ? [] : [root];
  return root.broken === 0 ? [] : root.entries.flatMap(brokenBelow);
}

/** Every file below a root that holds an ImagePolicy, in order; folders without any are passed over. */
export function rulingBelow(root: Root): EnvironmentFile[] {
  if (!isFolder(root)) return root.policies.length === 0 ? [] : [root];
  return root.ruling === 0 ? [] : root.entries.flatMap(rulingBelow);
}

/** The file at a path below a root. */
export function fileBelow(root: Root, path: string): EnvironmentFile | undefined {
  if (!isFolder(root)) return root.path === path ? root : undefined;
  if (!path.startsWith(root.prefix)) return undefined;
  for (const entry of root.entries) {
    const found = fileBelow(entry, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The files that one version of a root has and another one has not. What they share is not looked into. */
export function differenceOf(
  before: Root | undefined,
  after: Root | undefined,
): { readonly gone: EnvironmentFile[]; readonly come: EnvironmentFile[] } {
  const gone: EnvironmentFile[] = [];
  const come: EnvironmentFile[] = [];
  const compare = (old: Root | undefined, now: Root | undefined): void => {
    if (old === now) return;
    if (old === undefined || now === undefined || !isFolder(old) || !isFolder(now)) {
      if (old !== undefined) gone.push(...filesBelow(old));
      if (now !== undefined) come.push(...filesBelow(now));
      return;
    }
    const left = new Map(old.entries.map((entry) => [pathOf(entry), entry]));
    for (const entry of now.entries) {
      compare(left.get(pathOf(entry)), entry);
      left.delete(pathOf(entry));
    }
    for (const entry of left.values()) compare(entry, undefined);
  };
  compare(before, after);
  return { gone, come };
}

/** Our own documents may stand beside manifests; they are never applied. */
export function isConfiguration(entry: ManifestObject): boolean {
  return entry.object.apiVersion.startsWith("sluice.dev/");
}

/** A path as Git writes it; empty for the whole repository. */
export function normalPath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

/** A file's path, or a folder's with its slash: no two entries of a folder share one. */
function pathOf(root: Root): string {
  return isFolder(root) ? root.prefix : root.path;
}
function folderOf(root: Root | undefined): Folder | undefined {
  return root !== undefined && isFolder(root) ? root : undefined;
}
function fileOf(root: Root | undefined): EnvironmentFile | undefined {
  return root === undefined || isFolder(root) ? undefined : root;
}
