import { gunzipSync, gzipSync } from "node:zlib";
import type { KubeKind } from "../model/kubernetes.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";

/** One object this agent put into the cluster, and the file it came from. */
export interface InventoryEntry extends KubeKind {
  readonly namespace?: string;
  readonly name: string;
  readonly file: string;
}
export interface Inventory {
  /** Last commit whose objects and prunes were all dealt with. */
  readonly commit?: string;
  readonly entries: Readonly<Record<string, InventoryEntry>>;
}
export const inventoryNamespace = "sluice-system";
const configMap = { apiVersion: "v1", kind: "ConfigMap" };

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
    const fieldManager = "sluice-agent";
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
