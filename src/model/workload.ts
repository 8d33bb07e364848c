/** A thing that runs images: `namespace:kind/name`, kind in lower case, as Flux v1 writes it. */
export type WorkloadId = string;

const idPattern = /^(<cluster>|[a-zA-Z0-9_-]+):([a-zA-Z0-9_-]+)\/([a-zA-Z0-9_.:-]+)$/;

export interface WorkloadParts {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** Makes an id; cluster scope is the literal `<cluster>`. */
export function workloadId(namespace: string | undefined, kind: string, name: string): WorkloadId {
  return `${namespace ?? "<cluster>"}:${kind.toLowerCase()}/${name}`;
}

/** Takes an id apart; undefined when the text is none. */
export function parseWorkloadId(id: string): WorkloadParts | undefined {
  const match = idPattern.exec(id);
  return match ? { namespace: match[1]!, kind: match[2]!, name: match[3]! } : undefined;
}

/** What may happen to a workload by itself, read from its annotations. */
export interface WorkloadPolicy {
  readonly automated: boolean;
  /** Present when locked: nothing moves it but the one who unlocks it. */
  readonly locked?: { readonly by?: string; readonly message?: string };
  /** Neither applied nor released. */
  readonly ignored: boolean;
  /** Every policy as written, by Flux v1's key without prefix: `automated`, `locked_msg`, `tag.web`, ... */
  readonly written: Readonly<Record<string, string>>;
  /** Tag filter per container name, as written (`glob:`, `semver:`, `regexp:`). */
  readonly tags: Readonly<Record<string, string>>;
}

/** One place of a workload that holds an image. */
export interface ContainerImage {
  readonly container: string;
  readonly init: boolean;
  /** The reference as written in Git; put together where it stands in several fields. */
  readonly image: string;
  /** Flux v2's ImagePolicy that a marker at this place names: `namespace:name`. */
  readonly policy?: string;
  /** Why it can be seen but not changed in Git, and what to do about it, for people; absent when it can be. */
  readonly fixed?: string;
}

/** A workload as Git describes it in one environment. */
export interface Workload {
  readonly id: WorkloadId;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Where it is written: path in the repository, and the 1-based line its document starts at. */
  readonly file: string;
  readonly line: number;
  readonly containers: readonly ContainerImage[];
  readonly policy: WorkloadPolicy;
}

/** One container of one workload: what a change, a plan row or a hold is about. */
export interface ContainerKey {
  readonly workload: WorkloadId;
  readonly container: string;
}

/** A text key for maps. */
export function containerKey(key: ContainerKey): string {
  return `${key.workload}#${key.container}`;
}
