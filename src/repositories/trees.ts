import { LRUCache } from "lru-cache";
import type { Environment, FileProblem, ImageRules } from "../model/documents.ts";
import type { GitMirror } from "../model/ports/git.ts";
import type { Workload } from "../model/workload.ts";
import {
  brokenBelow,
  type EnvironmentFile,
  FolderReader,
  fileBelow,
  filesBelow,
  isFolder,
  normalPath,
  type Root,
  rulingBelow,
} from "./folders.ts";
import { WorkloadIndex, Workloads } from "./workloads.ts";

export { isConfiguration } from "./folders.ts";

/** Where an environment's manifests stand in its repository, and where images stand in them. */
export interface EnvironmentPlaces {
  readonly paths: readonly string[];
  readonly images: ImageRules;
}
/** The places of an environment's document. */
export function placesOf({ git, images }: Pick<Environment, "git" | "images">): EnvironmentPlaces {
  return { paths: git.paths, images };
}

/** What Git says of an environment at one commit. */
export interface EnvironmentTree {
  readonly commit: string;
  /** All manifest files, by path. Made anew each time it is asked for: look one file up with `file`. */
  readonly files: readonly EnvironmentFile[];
  file(path: string): EnvironmentFile | undefined;
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly problems: readonly FileProblem[];
  /** Configured paths that hold no file at all. */
  readonly emptyPaths: readonly string[];
}

const maxTrees = 500;
const maxPlaces = 200;
const readers = new WeakMap<GitMirror, LRUCache<string, EnvironmentReader>>();

/**
 * Reads the manifests below the paths at a commit. A broken file is told and left out. What another commit of the same
 * places had already is shared with it: a commit costs what it changed.
 */
export function readEnvironmentTree(
  mirror: GitMirror,
  commit: string,
  places: EnvironmentPlaces,
): Promise<EnvironmentTree> {
  const known = readers.get(mirror) ?? new LRUCache<string, EnvironmentReader>({ max: maxPlaces });
  readers.set(mirror, known);
  const key = JSON.stringify(places);
  const reader = known.get(key) ?? new EnvironmentReader(mirror, places);
  known.set(key, reader);
  return reader.read(commit);
}

/** The workloads of one file at a commit, in the order written; none where it is not there or cannot be read. */
export async function readFileWorkloads(
  mirror: GitMirror,
  commit: string,
  path: string,
  images: ImageRules,
): Promise<readonly Workload[]> {
  const root = await new FolderReader(mirror, images).root(commit, path, undefined);
  return root === undefined || isFolder(root) ? [] : root.workloads;
}

/** Why a workload may be missing from a tree: the files that cannot be read. Undefined when all can. */
export function unreadableFiles(tree: EnvironmentTree): string | undefined {
  const broken = tree.problems.filter(({ file }) => tree.file(file)?.result.ok === false);
  if (broken.length === 0) return undefined;
  return `${broken.slice(0, 3).map(showFileProblem).join("; ")}${broken.length > 3 ? ` and ${broken.length - 3} more` : ""}`;
}

/** File, line and reason in one. */
function showFileProblem({ file, line, message }: FileProblem): string {
  return `${file}${line === undefined ? "" : ` line ${line}`}: ${message}`;
}

/** Everything of an environment but the commit: commits that change none of its files share it. */
interface Content {
  /** What stands at each of the reader's paths. */
  readonly roots: readonly (Root | undefined)[];
  readonly index: WorkloadIndex;
}

/** Reads the commits of one environment's places, each from the one read before it. */
class EnvironmentReader {
  readonly #places: EnvironmentPlaces;
  readonly #folders: FolderReader;
  /** Paths without those that stand below another one, in the order of paths. */
  readonly #paths: readonly string[];
  readonly #trees = new LRUCache<string, Promise<EnvironmentTree>>({ max: maxTrees });
  #last: Content;
  #turn: Promise<void> = Promise.resolve();

  constructor(mirror: GitMirror, places: EnvironmentPlaces) {
    this.#places = places;
    this.#folders = new FolderReader(mirror, places.images);
    this.#paths = topPaths([...places.paths, ...places.images.files.map((rule) => rule.path)]);
    this.#last = { roots: this.#paths.map(() => undefined), index: WorkloadIndex.empty };
  }

  read(commit: string): Promise<EnvironmentTree> {
    const known = this.#trees.get(commit);
    if (known !== undefined) return known;
    // One after the other: two at once would share nothing.
    const reading = this.#turn.then(() => this.#read(commit));
    this.#trees.set(commit, reading);
    this.#turn = reading.then(
      () => {},
      () => {
        this.#trees.delete(commit);
      },
    );
    return reading;
  }

  async #read(commit: string): Promise<EnvironmentTree> {
    const before = this.#last;
    const roots: (Root | undefined)[] = [];
    // One after the other: what is too much is counted for each.
    for (const [index, path] of this.#paths.entries())
      roots.push(await this.#folders.root(commit, path, before.roots[index]));
    const same = roots.every((root, index) => root === before.roots[index]);
    const content = same ? before : { roots, index: before.index.moved(before.roots, roots) };
    this.#last = content;
    return new ReadTree(commit, content, this.#places);
  }
}

/** A tree that is a view of what its reader shares between commits. */
class ReadTree implements EnvironmentTree {
  readonly commit: string;
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly #roots: readonly Root[];
  readonly #index: WorkloadIndex;
  readonly #places: EnvironmentPlaces;

  constructor(commit: string, { roots, index }: Content, places: EnvironmentPlaces) {
    this.commit = commit;
    this.#roots = roots.filter((root) => root !== undefined);
    this.#index = index;
    this.#places = places;
    const policies = this.#roots.flatMap(rulingBelow).flatMap((file) => file.policies);
    this.workloads = new Workloads(this.#roots, index, new Map(policies.map((policy) => [policy.name, policy])));
  }

  get files(): readonly EnvironmentFile[] {
    return this.#roots.flatMap((root) => [...filesBelow(root)]);
  }
  file(path: string): EnvironmentFile | undefined {
    for (const root of this.#roots) {
      const found = fileBelow(root, path);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  get problems(): readonly FileProblem[] {
    const problems: FileProblem[] = [];
    for (const root of this.#roots) {
      for (const { path, result } of brokenBelow(root))
        if (!result.ok) problems.push({ file: path, ...result.problem });
      for (const { path, policies } of rulingBelow(root))
        for (const { name, line, problem } of policies)
          if (problem !== undefined) problems.push({ file: path, line, message: `ImagePolicy ${name}: ${problem}` });
    }
    for (const [first, ...others] of this.#index.repeated())
      for (const { id, file, line } of others)
        problems.push({
          file,
          line,
          message: `${id} is written twice; the one in ${first!.file} line ${first!.line} counts`,
        });
    for (const { path } of this.#places.images.files)
      if (!this.#holds(path))
        problems.push({ file: path, message: "the environment's images.files name this file, and it is not there" });
    return problems.sort((a, b) => (a.file === b.file ? (a.line ?? 0) - (b.line ?? 0) : a.file < b.file ? -1 : 1));
  }

  get emptyPaths(): readonly string[] {
    return this.#places.paths.filter((path) => !this.#holds(path));
  }

  /** Whether there is any file at a path or below it. */
  #holds(path: string): boolean {
    const wanted = normalPath(path);
    const look = (root: Root): boolean => {
      if (!isFolder(root)) return root.path === wanted;
      if (root.files === 0) return false;
      if (wanted === "" || `${wanted}/` === root.prefix) return true;
      return `${wanted}/`.startsWith(root.prefix) && root.entries.some(look);
    };
    return this.#roots.some(look);
  }
}

/** Paths as Git writes them, without those below another one, so that no file is read twice. */
function topPaths(paths: readonly string[]): string[] {
  const all = [...new Set(paths.map(normalPath))].sort();
  return all.filter((path) => !all.some((other) => other !== path && (other === "" || path.startsWith(`${other}/`))));
}
