import { Watcher } from "../../kubernetes/watcher.ts";
import type { KubeKind, KubeObject } from "../../model/kubernetes.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";

export interface StoreHandlers {
  readonly changed: (object: KubeObject) => void;
  readonly gone: (object: KubeObject) => void;
  readonly problem: (message: string) => void;
}
const rememberedDead = 10_000;

/**
 * Objects of one kind as the watch tells them, ahead of it by what this process wrote itself: a pod just created is
 * there at once and one just removed counts as going, so that no decision is taken on a past that we changed.
 */
export class ObjectStore {
  readonly #client: KubernetesClient;
  readonly #kind: KubeKind;
  readonly #handlers: StoreHandlers;
  readonly #watcher: Watcher;
  readonly #objects = new Map<string, KubeObject>();
  readonly #byOwner = new Map<string, Set<string>>();
  readonly #dead = new Set<string>();
  readonly #going = new Set<string>();
  #synced: () => void = () => {};

  constructor(client: KubernetesClient, kind: KubeKind, handlers: StoreHandlers) {
    this.#client = client;
    this.#kind = kind;
    this.#handlers = handlers;
    this.#watcher = new Watcher(
      client,
      kind,
      {},
      {
        changed: (object) => this.#seen(object),
        gone: (object) => this.#lost(object),
        synced: () => {
          this.#synced();
          for (const object of this.#objects.values())
            if (this.#watcher.get(object.metadata.namespace, object.metadata.name) === undefined) this.#verify(object);
        },
        problem: handlers.problem,
      },
    );
  }

  /** Starts watching; resolves when the objects were listed once, or the signal fired. */
  async start(signal: AbortSignal): Promise<{ ended: Promise<void> }> {
    const synced = new Promise<void>((resolve) => {
      this.#synced = resolve;
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    const ended = this.#watcher.run(signal);
    await synced;
    return { ended };
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }
  all(): KubeObject[] {
    return [...this.#objects.values()].map((object) => this.#asGoing(object));
  }
  owned(uid: string | undefined): KubeObject[] {
    return [...(this.#byOwner.get(uid ?? "") ?? [])].map((key) => this.#asGoing(this.#objects.get(key)!));
  }
  /** Takes what a write of our own answered. */
  absorb(object: KubeObject): void {
    this.#seen({ ...object, ...this.#kind });
  }
  /** Counts an object as being deleted from now on. */
  going(object: KubeObject): void {
    this.#going.add(object.metadata.uid ?? "");
  }

  #asGoing(object: KubeObject): KubeObject {
    if (object.metadata.deletionTimestamp !== undefined || !this.#going.has(object.metadata.uid ?? "")) return object;
    return {
      ...object,
      metadata: {
        ...object.metadata,
        deletionTimestamp: "1970-01-01T00:00:00Z",
      },
    };
  }

  #seen(object: KubeObject): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (this.#dead.has(object.metadata.uid ?? "")) return;
    if (old !== undefined && old.metadata.uid === object.metadata.uid && version(object) <= version(old)) return;
    if (old !== undefined) this.#unindex(key, old);
    this.#objects.set(key, object);
    const owner = ownerUid(object);
    if (owner !== undefined) {
      const keys = this.#byOwner.get(owner) ?? new Set();
      this.#byOwner.set(owner, keys.add(key));
    }
    this.#handlers.changed(object);
  }

  #lost(object: KubeObject): void {
    const uid = object.metadata.uid ?? "";
    this.#dead.add(uid);
    if (this.#dead.size > rememberedDead) this.#dead.delete(this.#dead.values().next().value!);
    this.#going.delete(uid);
    const key = keyOf(object);
    const known = this.#objects.get(key);
    if (known === undefined || known.metadata.uid !== uid) return;
    this.#unindex(key, known);
    this.#objects.delete(key);
    this.#handlers.gone(object);
  }

  /** What we wrote and a later list does not show may have gone while the watch was broken. */
  #verify(object: KubeObject): void {
    this.#client.get(this.#kind, object.metadata.namespace, object.metadata.name).then(
      (found) => {
        if (found?.metadata.uid !== object.metadata.uid) this.#lost(object);
      },
      (error: unknown) => this.#handlers.problem(String(error)),
    );
  }

  #unindex(key: string, object: KubeObject): void {
    const owner = ownerUid(object);
    const keys = owner === undefined ? undefined : this.#byOwner.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.#byOwner.delete(owner!);
  }
}

export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
/** The uid of the owner that controls an object. */
export function ownerUid(object: KubeObject): string | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller)?.uid;
}
function version(object: KubeObject): number {
  return Number(object.metadata.resourceVersion ?? 0);
}
