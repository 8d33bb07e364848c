import { gunzipSync, gzipSync } from "node:zlib";
import type { KubeKind } from "../model/kubernetes.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";
import { fieldManager } from "./apply.ts";
import { type Desired, ignoreOf } from "./desired.ts";

/** One object this agent put into the cluster, and the file it came from. */
export interface InventoryEntry extends KubeKind {
  readonly namespace?: string;
  readonly name: string;
  readonly file: string;
  /** Written down before it was applied for the first time: it may or may not be in the cluster. */
  readonly pending?: true;
}
export interface Inventory {
  /** Last commit whose objects and prunes were all dealt with. */
  readonly commit?: string;
  readonly entries: Readonly<Record<string, InventoryEntry>>;
}
const inventoryNamespace = "sluice-system";
const configMap = { apiVersion: "v1", kind: "ConfigMap" };

/** The entry of an object; none for one that is never deleted. */
function entryOf({ object, file }: Desired): InventoryEntry | undefined {
  const { apiVersion, kind, metadata } = object;
  if (ignoreOf(object) === "sync_only") return undefined;
  const { namespace, name } = metadata;
  return { apiVersion, kind, name, file, ...(namespace === undefined ? {} : { namespace }) };
}

/** Entries of all objects Git names. */
export function entriesOf(objects: ReadonlyMap<string, Desired>): Record<string, InventoryEntry> {
  const entries: Record<string, InventoryEntry> = {};
  for (const [key, desired] of objects) {
    const entry = entryOf(desired);
    if (entry !== undefined) entries[key] = entry;
  }
  return entries;
}

/** The inventory with what is about to be applied for the first time, so that an agent that dies half-way leaves nothing unknown. */
export function announced(before: Inventory, objects: ReadonlyMap<string, Desired>): Inventory {
  const fresh = Object.entries(entriesOf(objects)).filter(([key]) => before.entries[key] === undefined);
  if (fresh.length === 0) return before;
  const pending = fresh.map(([key, entry]): [string, InventoryEntry] => [key, { ...entry, pending: true }]);
  return { ...before, entries: { ...before.entries, ...Object.fromEntries(pending) } };
}

/** Keeps the inventory in the cluster itself (a ConfigMap, compressed), so that a new agent knows what the old one did. */
export class InventoryKeeper {
  readonly #client: KubernetesClient;
  readonly #name: string;
  #written = "";

  constructor(client: KubernetesClient, environment: string) {
    this.#client = client;
    this.#name = `sluice-inventory-${environment}`;
  }

  async load(): Promise<Inventory> {
    const found = await this.#client.get(configMap, inventoryNamespace, this.#name);
    const packed = (found?.binaryData as Record<string, string> | undefined)?.inventory;
    if (packed === undefined) return { entries: {} };
    const text = gunzipSync(Buffer.from(packed, "base64")).toString("utf8");
    this.#written = text;
    return JSON.parse(text) as Inventory;
  }

  async save(inventory: Inventory): Promise<void> {
    const text = JSON.stringify(inventory);
    if (text === this.#written) return;
    if (this.#written === "")
      await this.#client.apply(
        { apiVersion: "v1", kind: "Namespace", metadata: { name: inventoryNamespace } },
        { fieldManager, force: true },
      );
    await this.#client.apply(
      {
        ...configMap,
        metadata: { name: this.#name, namespace: inventoryNamespace },
        binaryData: { inventory: gzipSync(text).toString("base64") },
      },
      { fieldManager, force: true },
    );
    this.#written = text;
  }
}
