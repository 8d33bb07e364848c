import type { KubeObject } from "../../model/kubernetes.ts";
import { deleteObject } from "./deletion.ts";
import { ApiFailure } from "./failure.ts";
import { builtInType, type ResourceType } from "./kinds.ts";
import type { Objects } from "./objects.ts";
import type { StoredEvent } from "./store.ts";

/** Finalizers that are this collector's to lift. */
const own = ["orphan", "foregroundDeletion"];

/**
 * Cleans up as the controller manager does: dependents whose owners are gone, the content of a namespace that is
 * being deleted, then the namespace. Works after the write that caused it, never within.
 */
export class Collector {
  readonly #objects: Objects;
  /** Objects that name an owner, by the owner's uid: `resource namespace/name`. */
  readonly #dependents = new Map<
    string,
    Map<string, { resource: string; namespace: string | undefined; name: string }>
  >();
  readonly #uids = new Set<string>();
  /** Owners that wait for their dependents to go, or to be let go. */
  readonly #waiting = new Set<string>();
  /** Owners to look at next. */
  readonly #owners = new Set<string>();
  readonly #namespaces = new Set<string>();
  #scheduled: NodeJS.Immediate | undefined;
  readonly #end: () => void;

  constructor(objects: Objects) {
    this.#objects = objects;
    for (const { resource, object } of objects.store.everything()) this.#index(resource, object);
    this.#end = objects.store.subscribe((event) => this.#see(event));
    for (const owner of this.#dependents.keys()) if (!this.#uids.has(owner)) this.#owners.add(owner);
    for (const namespace of objects.store.list("/namespaces"))
      if (namespace.metadata.deletionTimestamp !== undefined) this.#namespaces.add(namespace.metadata.name);
    this.#wake();
  }
  stop(): void {
    this.#end();
    clearImmediate(this.#scheduled);
  }

  #see({ type, resource, object, before }: StoredEvent): void {
    const { uid = "", namespace, name, deletionTimestamp, finalizers = [] } = object.metadata;
    if (type === "DELETED") {
      this.#uids.delete(uid);
      this.#waiting.delete(uid);
      this.#forget(resource, before ?? object);
      if (this.#dependents.has(uid)) this.#owners.add(uid);
      for (const owner of object.metadata.ownerReferences ?? [])
        if (this.#waiting.has(owner.uid)) this.#owners.add(owner.uid);
      if (namespace !== undefined && this.#isTerminating(namespace)) this.#namespaces.add(namespace);
    } else {
      if (before !== undefined) this.#forget(resource, before);
      this.#index(resource, object);
      for (const owner of object.metadata.ownerReferences ?? [])
        if (!this.#uids.has(owner.uid)) this.#owners.add(owner.uid);
      if (deletionTimestamp !== undefined && finalizers.some((entry) => own.includes(entry))) {
        this.#waiting.add(uid);
        this.#owners.add(uid);
      }
      if (resource === "/namespaces" && deletionTimestamp !== undefined) this.#namespaces.add(name);
    }
    this.#wake();
  }
  #wake(): void {
    if (this.#owners.size + this.#namespaces.size === 0) return;
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      const owners = [...this.#owners];
      const namespaces = [...this.#namespaces];
      this.#owners.clear();
      this.#namespaces.clear();
      for (const owner of owners) this.#release(owner);
      for (const namespace of namespaces) this.#empty(namespace);
    });
  }

  #release(owner: string): void {
    const ids = [...(this.#dependents.get(owner)?.values() ?? [])];
    if (this.#uids.has(owner) && !this.#waiting.has(owner)) return;
    const live = this.#waiting.has(owner) ? this.#byUid(owner) : undefined;
    const orphans = live?.object.metadata.finalizers?.includes("orphan") ?? false;
    for (const { resource, namespace, name } of ids) {
      const type = this.#objects.kinds.byStorage(resource);
      const object = this.#objects.store.get(resource, namespace, name);
      if (type === undefined || object === undefined) continue;
      const left = (object.metadata.ownerReferences ?? []).filter(
        (reference) => reference.uid !== owner && this.#uids.has(reference.uid),
      );
      if (orphans || left.length > 0)
        this.#objects.put(type, withOwners(object, orphans ? others(object, owner) : left));
      else if (object.metadata.deletionTimestamp === undefined) this.#delete(type, object);
    }
    if (live === undefined) return;
    const isDone = orphans || (this.#dependents.get(owner)?.size ?? 0) === 0;
    if (isDone) this.#finish(live.type, live.object);
  }
  #finish(type: ResourceType, object: KubeObject): void {
    this.#waiting.delete(object.metadata.uid ?? "");
    const finalizers = (object.metadata.finalizers ?? []).filter((entry) => !own.includes(entry));
    const next = { ...object, metadata: { ...object.metadata, finalizers } };
    if (finalizers.length > 0) this.#objects.put(type, next);
    else this.#objects.drop(type, next);
  }

  #empty(namespace: string): void {
    if (!this.#isTerminating(namespace)) return;
    let left = 0;
    for (const { resource, object } of [...this.#objects.store.everything()]) {
      if (object.metadata.namespace !== namespace) continue;
      left++;
      const type = this.#objects.kinds.byStorage(resource);
      if (type !== undefined && object.metadata.deletionTimestamp === undefined) this.#delete(type, object);
    }
    if (left > 0) return;
    const found = this.#objects.store.get("/namespaces", undefined, namespace);
    if (found !== undefined && !found.metadata.finalizers?.length)
      this.#objects.drop(builtInType("Namespace"), { ...found, spec: {} });
  }
  #isTerminating(namespace: string): boolean {
    return this.#objects.store.get("/namespaces", undefined, namespace)?.metadata.deletionTimestamp !== undefined;
  }
  #delete(type: ResourceType, { metadata }: KubeObject): void {
    try {
      deleteObject(this.#objects, type, metadata.namespace, metadata.name, { propagationPolicy: "Background" });
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
    }
  }

  #byUid(uid: string): { type: ResourceType; object: KubeObject } | undefined {
    for (const { resource, object } of this.#objects.store.everything()) {
      if (object.metadata.uid !== uid) continue;
      const type = this.#objects.kinds.byStorage(resource);
      return type === undefined ? undefined : { type, object };
    }
    return undefined;
  }
  #index(resource: string, { metadata }: KubeObject): void {
    this.#uids.add(metadata.uid ?? "");
    const id = { resource, namespace: metadata.namespace, name: metadata.name };
    for (const { uid } of metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid) ?? new Map();
      dependents.set(`${resource} ${metadata.namespace ?? ""}/${metadata.name}`, id);
      this.#dependents.set(uid, dependents);
    }
  }
  #forget(resource: string, { metadata }: KubeObject): void {
    for (const { uid } of metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid);
      dependents?.delete(`${resource} ${metadata.namespace ?? ""}/${metadata.name}`);
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
  }
}

function others(object: KubeObject, owner: string) {
  return (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== owner);
}
function withOwners(
  object: KubeObject,
  ownerReferences: NonNullable<KubeObject["metadata"]["ownerReferences"]>,
): KubeObject {
  const { ownerReferences: _, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, ...(ownerReferences.length === 0 ? {} : { ownerReferences }) } };
}
