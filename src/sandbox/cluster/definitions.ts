import type { KubeObject } from "../../model/kubernetes.ts";
import { type DefinitionSpec, typesOf } from "./custom.ts";
import { builtInType, type ResourceType, storageKey } from "./kinds.ts";
import type { Objects } from "./objects.ts";
import type { StoredEvent } from "./store.ts";

interface Condition {
  readonly type: string;
  readonly status: string;
}

/** Serves the kinds of definitions as soon as they stand, says so in their status, and removes their objects with them. */
export class Definitions {
  readonly #objects: Objects;
  readonly #pending = new Set<NodeJS.Immediate>();
  readonly #end: () => void;
  readonly #type: ResourceType;

  constructor(objects: Objects) {
    this.#objects = objects;
    this.#type = builtInType("CustomResourceDefinition");
    const resource = storageKey(this.#type);
    for (const definition of objects.store.list(resource)) this.#serve(definition);
    this.#end = objects.store.subscribe((event) => {
      if (event.resource === resource) this.#see(event);
    });
  }
  stop(): void {
    this.#end();
    for (const pending of this.#pending) clearImmediate(pending);
  }

  #see({ type, object }: StoredEvent): void {
    if (type === "DELETED") return this.#withdraw(object);
    this.#serve(object);
    const { conditions = [] } = (object.status ?? {}) as { conditions?: Condition[] };
    if (conditions.some((condition) => condition.type === "Established" && condition.status === "True")) return;
    const pending = setImmediate(() => {
      this.#pending.delete(pending);
      this.#establish(object.metadata.name);
    });
    this.#pending.add(pending);
  }
  #serve(definition: KubeObject): void {
    this.#objects.kinds.define(definition.metadata.name, typesOf(definition.spec as DefinitionSpec));
  }
  #withdraw(definition: KubeObject): void {
    const types = this.#objects.kinds.forget(definition.metadata.name);
    const first = types[0];
    if (first === undefined) return;
    for (const object of this.#objects.store.list(storageKey(first))) this.#objects.drop(first, object);
  }
  #establish(name: string): void {
    const live = this.#objects.find(this.#type, undefined, name);
    if (live === undefined) return;
    const { names, versions } = live.spec as DefinitionSpec;
    const condition = (type: string, reason: string, message: string) => ({
      type,
      status: "True",
      lastTransitionTime: this.#objects.time(),
      reason,
      message,
    });
    this.#objects.put(this.#type, {
      ...live,
      status: {
        conditions: [
          condition("NamesAccepted", "NoConflicts", "no conflicts found"),
          condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
        acceptedNames: names,
        storedVersions: versions.filter((version) => version.storage).map((version) => version.name),
      },
    });
  }
}
