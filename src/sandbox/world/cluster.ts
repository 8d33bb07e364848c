import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClusterAccess, readKubeconfig } from "../../kubernetes/config.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import type { Log } from "../../model/ports/log.ts";
import { startSandboxCluster } from "../cluster/server.ts";
import { startControllers } from "../controllers/controllers.ts";
import type { Puller } from "../kubelet/behaviour.ts";
import { Kubelet } from "../kubelet/kubelet.ts";

export interface WorldClusterOptions {
  readonly name: string;
  readonly port: number;
  /** Keeps the cluster's state, and `kubeconfig` for its agent and for people. */
  readonly folder: string;
  readonly client: (access: ClusterAccess) => KubernetesClient;
  readonly pull: Puller;
  readonly clock: Clock;
  readonly log: Log;
}

/** One cluster of the world: API server, controllers and kubelets, each a client of the API like any other. */
export async function startWorldCluster(
  options: WorldClusterOptions,
): Promise<{ readonly name: string; readonly client: KubernetesClient; close(): Promise<void> }> {
  const { name, port, folder, clock, log, pull } = options;
  await mkdir(folder, { recursive: true });
  const cluster = await startSandboxCluster({ name, port, folder, clock });
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, JSON.stringify(cluster.kubeconfig, null, 2));
  const client = options.client(readKubeconfig(JSON.parse, kubeconfig));
  const kubelet = new Kubelet({ client, pull, clock, log });
  const [controllers] = await Promise.all([startControllers({ client, clock, log }), kubelet.start()]);
  return {
    name,
    client,
    async close() {
      kubelet.stop();
      await controllers.stop();
      await client.close();
      await cluster.close();
    },
  };
}
