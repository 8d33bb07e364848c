import type { Workload } from "../model/workload.ts";
import { type ImagePolicy, withImagePolicies } from "../policies/imagePolicy.ts";
import { differenceOf, type EnvironmentFile, isFolder, type Root } from "./folders.ts";
import { SharedMap } from "./sharedMap.ts";

/** All workloads of some files by id. A change of files makes another index that shares what did not change. */
export class WorkloadIndex {
  static readonly empty = new WorkloadIndex(SharedMap.empty(), new Set());
  /** Every place a workload is written in, in the order of paths: the first counts. */
  readonly #places: SharedMap<readonly Workload[]>;
  readonly #twice: ReadonlySet<string>;

  private constructor(places: SharedMap<readonly Workload[]>, twice: ReadonlySet<string>) {
    this.#places = places;
    this.#twice = twice;
  }

  get size(): number {
    return this.#places.size;
  }
  get(id: string): Workload | undefined {
    return this.#places.get(id)?.[0];
  }
  /** Whether a workload is the one that counts of those with its id. */
  counts(workload: Workload): boolean {
    return !this.#twice.has(workload.id) || this.get(workload.id) === workload;
  }
  /** Places of workloads that are written more than once. */
  repeated(): (readonly Workload[])[] {
    return [...this.#twice].map((id) => this.#places.get(id)!);
  }

  /** The index once roots were replaced by others, place by place. */
  moved(before: readonly (Root | undefined)[], after: readonly (Root | undefined)[]): WorkloadIndex {
    const changes = new Map<string, readonly Workload[]>();
    const placesOf = (id: string) => changes.get(id) ?? this.#places.get(id) ?? [];
    const differences = after.map((root, place) => differenceOf(before[place], root));
    for (const { gone } of differences)
      for (const workload of workloadsIn(gone))
        changes.set(
          workload.id,
          placesOf(workload.id).filter((place) => place !== workload),
        );
    for (const { come } of differences)
      for (const workload of workloadsIn(come))
        changes.set(workload.id, [...placesOf(workload.id), workload].sort(byFile));
    if (changes.size === 0) return this;
    const twice = new Set(this.#twice);
    const settled = new Map<string, readonly Workload[] | undefined>();
    for (const [id, places] of changes) {
      settled.set(id, places.length === 0 ? undefined : places);
      if (places.length > 1) twice.add(id);
      else twice.delete(id);
    }
    return new WorkloadIndex(this.#places.with(settled), twice);
  }
}

/**
 * The workloads of an environment by id, in the order of their files, with the tag filters of the ImagePolicies that
 * markers tie them to; nothing else is copied.
 */
export class Workloads implements ReadonlyMap<string, Workload> {
  readonly #roots: readonly Root[];
  readonly #index: WorkloadIndex;
  readonly #policies: ReadonlyMap<string, ImagePolicy>;

  constructor(roots: readonly Root[], index: WorkloadIndex, policies: ReadonlyMap<string, ImagePolicy>) {
    this.#roots = roots;
    this.#index = index;
    this.#policies = policies;
  }

  get size(): number {
    return this.#index.size;
  }
  get(id: string): Workload | undefined {
    const workload = this.#index.get(id);
    return workload && withImagePolicies(workload, this.#policies);
  }
  has(id: string): boolean {
    return this.#index.get(id) !== undefined;
  }
  values(): ArrayIterator<Workload> {
    return this.#all().values();
  }
  keys(): ArrayIterator<string> {
    return this.#all()
      .map((workload) => workload.id)
      .values();
  }
  entries(): ArrayIterator<[string, Workload]> {
    return this.#all()
      .map((workload): [string, Workload] => [workload.id, workload])
      .values();
  }
  [Symbol.iterator](): ArrayIterator<[string, Workload]> {
    return this.entries();
  }
  forEach(body: (value: Workload, key: string, map: ReadonlyMap<string, Workload>) => void): void {
    for (const workload of this.#all()) body(workload, workload.id, this);
  }

  #all(): Workload[] {
    const found: Workload[] = [];
    const collect = (root: Root) => {
      if (isFolder(root)) for (const entry of root.entries) collect(entry);
      else
        for (const workload of root.workloads)
          if (this.#index.counts(workload)) found.push(withImagePolicies(workload, this.#policies));
    };
    for (const root of this.#roots) collect(root);
    return found;
  }
}

function workloadsIn(files: readonly EnvironmentFile[]): Workload[] {
  return files.flatMap(({ workloads }) => workloads);
}
function byFile(a: Workload, b: Workload): number {
  return a.file === b.file ? 0 : a.file < b.file ? -1 : 1;
}
