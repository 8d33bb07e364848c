import { join } from "node:path";
import { readKubeconfig } from "../../src/kubernetes/config.ts";
import { connect } from "../contract/connect.ts";
import { kubernetesContract } from "../contract/kubernetes.ts";
import { startControlPlanes } from "../control-plane/up.ts";
import { temporaryFolder } from "../support/repository.ts";

kubernetesContract(async () => {
  const given = process.env.KUBECONFIG;
  if (given) return connect(readKubeconfig(JSON.parse, given), async () => {});
  const folder = temporaryFolder();
  const planes = await startControlPlanes({
    folder: join(folder.path, "planes"),
    clusters: ["contract"],
    basePort: 26_100,
  });
  return connect(readKubeconfig(JSON.parse, planes.clusters[0]!.kubeconfig), async () => {
    await planes.stop();
    folder.remove();
  });
});
