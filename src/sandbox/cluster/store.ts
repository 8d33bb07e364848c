import type { KubeObject } from "../../model/kubernetes.ts";

/** One change, in the order of versions. `before` is the object as it was. */
export interface StoredEvent {
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** `group/plural`. */
  readonly resource: string;
  readonly object: KubeObject;
  readonly before?: KubeObject;
}
const firstVersion = 1_000;
/** A restart may have lost the last writes: versions go on far behind any that was handed out. */
const restartGap = 100_000;

export interface SavedState {
  readonly version: number;
  readonly objects: Readonly<Record<string, readonly KubeObject[]>>;
}

/** Objects with one growing version and a bounded history of changes. Objects handed out are never changed. */
export class ObjectStore {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #history: StoredEvent[] = [];
  readonly #listeners = new Set<(event: StoredEvent) => void>();
  readonly #keep: number;
  #version: number;
  /** The oldest version a watch can start from. */
  #floor: number;

  constructor(keep: number, saved?: SavedState) {
    this.#keep = keep;
    this.#version = saved === undefined ? firstVersion : saved.version + restartGap;
    this.#floor = this.#version;
    for (const [resource, objects] of Object.entries(saved?.objects ?? {}))
      this.#objects.set(resource, new Map(objects.map((object) => [keyOf(object), object])));
  }

  get version(): number {
    return this.#version;
  }
  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(resource)?.get(`${namespace ?? ""}/${name}`);
  }
  /** Objects of a kind, in the order of namespace and name. */
  list(resource: string, namespace?: string): KubeObject[] {
    const all = [...(this.#objects.get(resource)?.entries() ?? [])];
    return all
      .filter(([, object]) => namespace === undefined || object.metadata.namespace === namespace)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }
  /** Every object of every kind. */
  *everything(): Iterable<{ resource: string; object: KubeObject }> {
    for (const [resource, objects] of this.#objects) for (const object of objects.values()) yield { resource, object };
  }

  put(resource: string, object: KubeObject): KubeObject {
    const key = keyOf(object);
    let objects = this.#objects.get(resource);
    if (objects === undefined) {
      objects = new Map();
      this.#objects.set(resource, objects);
    }
    const before = objects.get(key);
    const stored = this.#stamp(object);
    objects.set(key, stored);
    this.#tell({
      version: this.#version,
      type: before === undefined ? "ADDED" : "MODIFIED",
      resource,
      object: stored,
      ...(before === undefined ? {} : { before }),
    });
    return stored;
  }
  remove(resource: string, object: KubeObject): KubeObject {
    const before = this.#objects.get(resource)?.get(keyOf(object));
    this.#objects.get(resource)?.delete(keyOf(object));
    const stored = this.#stamp(object);
    this.#tell({
      version: this.#version,
      type: "DELETED",
      resource,
      object: stored,
      ...(before === undefined ? {} : { before }),
    });
    return stored;
  }

  /** Changes after a version, or undefined when they are no longer known. */
  since(version: number): readonly StoredEvent[] | undefined {
    if (version < this.#floor) return undefined;
    const at = this.#history.findIndex((event) => event.version > version);
    return at < 0 ? [] : this.#history.slice(at);
  }
  /** Calls a listener at each change until the answer is called. */
  subscribe(listener: (event: StoredEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  save(): SavedState {
    const objects = [...this.#objects].map(([resource, map]) => [resource, [...map.values()]] as const);
    return { version: this.#version, objects: Object.fromEntries(objects) };
  }

  #stamp(object: KubeObject): KubeObject {
    this.#version++;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }
  #tell(event: StoredEvent): void {
    this.#history.push(event);
    if (this.#history.length > this.#keep * 2) {
      const gone = this.#history.splice(0, this.#history.length - this.#keep);
      this.#floor = gone.at(-1)!.version;
    }
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
