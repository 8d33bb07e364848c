import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../model/ports/clock.ts";
import { Collector } from "./collector.ts";
import { Definitions } from "./definitions.ts";
import { expireEvents } from "./event-expiry.ts";
import { ApiFailure } from "./failure.ts";
import { Kinds } from "./kinds.ts";
import { Lists } from "./lists.ts";
import { Namespaces } from "./namespaces.ts";
import { Objects } from "./objects.ts";
import { answer } from "./routes.ts";
import { loadState, Snapshot } from "./snapshot.ts";
import { ObjectStore } from "./store.ts";
import { Watches } from "./watches.ts";

export interface SandboxClusterOptions {
  /** Name of the kubeconfig's context. */
  readonly name: string;
  readonly port?: number;
  /** Keeps the state there, so that a restart finds it; in memory without. */
  readonly folder?: string;
  readonly clock: Clock;
  /** Changes a watch can look back upon. */
  readonly history?: number;
  readonly bookmarkMs?: number;
}
export interface SandboxCluster {
  readonly url: string;
  /** A kubeconfig (as JSON) with a context of the cluster's name. */
  readonly kubeconfig: object;
  close(): Promise<void>;
}
const usualHistory = 10_000;
const usualBookmarkMs = 10_000;

/**
 * A Kubernetes API server on loopback, in memory: for the trial and for tests. It has no controllers but garbage
 * collection and the end of namespaces, and takes any token or none.
 */
export async function startSandboxCluster(options: SandboxClusterOptions): Promise<SandboxCluster> {
  const { name, folder, clock } = options;
  const saved = folder === undefined ? undefined : await loadState(folder);
  const store = new ObjectStore(options.history ?? usualHistory, saved);
  const objects = new Objects(store, new Kinds(), clock);
  const snapshot = folder === undefined ? undefined : new Snapshot(store, folder);
  const definitions = new Definitions(objects);
  const collector = new Collector(objects);
  const namespaces = new Namespaces(objects);
  const stopExpiry = expireEvents(objects, () => clock.now());
  const watches = new Watches(store, options.bookmarkMs ?? usualBookmarkMs);
  const cluster = { objects, lists: new Lists(store), watches };
  const server = createServer((request, response) => {
    answer(cluster, request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      const message = error instanceof Error ? error.message : String(error);
      const failure = new ApiFailure(500, "InternalError", `Internal error occurred: ${message}`);
      response.writeHead(500, { "content-type": "application/json" }).end(JSON.stringify(failure.body));
    });
  });
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    kubeconfig: {
      apiVersion: "v1",
      kind: "Config",
      "current-context": name,
      clusters: [{ name, cluster: { server: url } }],
      users: [{ name, user: { token: "sandbox" } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
    },
    async close() {
      watches.close();
      definitions.stop();
      collector.stop();
      namespaces.stop();
      stopExpiry();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await snapshot?.close();
    },
  };
}
