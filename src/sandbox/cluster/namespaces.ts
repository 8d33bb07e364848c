import { builtInType } from "./kinds.ts";
import type { Objects } from "./objects.ts";
import type { StoredEvent } from "./store.ts";

const firstNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** Keeps the namespaces every cluster has, and the service account `default` in each namespace. */
export class Namespaces {
  readonly #objects: Objects;
  readonly #fresh = new Set<string>();
  readonly #end: () => void;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(objects: Objects) {
    this.#objects = objects;
    this.#end = objects.store.subscribe((event) => this.#see(event));
    const type = builtInType("Namespace");
    const context = { manager: "kube-apiserver", dryRun: false };
    for (const name of firstNamespaces)
      if (objects.find(type, undefined, name) === undefined)
        objects.create(type, undefined, { apiVersion: "v1", kind: "Namespace", metadata: { name } }, context);
  }
  stop(): void {
    this.#end();
    clearImmediate(this.#scheduled);
  }

  #see({ type, resource, object }: StoredEvent): void {
    if (resource !== "/namespaces" || type !== "ADDED") return;
    this.#fresh.add(object.metadata.name);
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined;
      for (const namespace of this.#fresh) this.#addAccount(namespace);
      this.#fresh.clear();
    });
  }
  #addAccount(namespace: string): void {
    const found = this.#objects.find(builtInType("Namespace"), undefined, namespace);
    const account = builtInType("ServiceAccount");
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
    if (this.#objects.find(account, namespace, "default") !== undefined) return;
    const body = { apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name: "default" } };
    this.#objects.create(account, namespace, body, { manager: "kube-controller-manager", dryRun: false });
  }
}
