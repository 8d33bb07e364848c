import { join } from "node:path";
import { createKubernetesClient } from "../../src/kubernetes/client.ts";
import { readKubeconfig } from "../../src/kubernetes/config.ts";
import { parseYaml } from "../../src/manifests/read.ts";
import type { KubernetesClient } from "../../src/model/ports/kubernetes.ts";
import { startControlPlanes } from "../control-plane/up.ts";

/** A control plane without nodes: the tests play scheduler and kubelet themselves. */
export interface TestCluster {
  readonly kubeconfig: string;
  client(): KubernetesClient;
  stop(): Promise<void>;
}

/** The cluster KUBECONFIG names, or one started for the test. A cluster with nodes of its own is refused. */
export async function realCluster(folder: string): Promise<TestCluster> {
  const given = process.env.KUBECONFIG;
  if (given === undefined) {
    const planes = await startControlPlanes({
      folder: join(folder, "planes"),
      clusters: ["dev"],
      // Runs beside each other take ports of their own.
      basePort: 20_000 + (process.pid % 400) * 25,
    });
    const { kubeconfig } = planes.clusters[0]!;
    return { kubeconfig, client: () => clientOf(kubeconfig), stop: () => planes.stop() };
  }
  const client = clientOf(given);
  try {
    const { items } = await client.list({ apiVersion: "v1", kind: "Node" });
    const foreign = items.find((node) => !/^node-\d+$/.test(node.metadata.name));
    if (foreign !== undefined)
      throw new Error(
        `the cluster of KUBECONFIG has the node ${foreign.metadata.name}; these tests play kubelet and need a control plane without nodes`,
      );
  } finally {
    await client.close();
  }
  return { kubeconfig: given, client: () => clientOf(given), stop: async () => {} };
}

function clientOf(kubeconfig: string): KubernetesClient {
  return createKubernetesClient(readKubeconfig((yaml) => parseYaml(yaml).documents[0], kubeconfig));
}
