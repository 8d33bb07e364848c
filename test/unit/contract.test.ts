import { systemClock } from "../../src/model/ports/clock.ts";
import { startSandboxCluster } from "../../src/sandbox/cluster/server.ts";
import { connect } from "../contract/connect.ts";
import { kubernetesContract } from "../contract/kubernetes.ts";

kubernetesContract(async () => {
  const cluster = await startSandboxCluster({ name: "contract", clock: systemClock, bookmarkMs: 100 });
  return connect({ server: cluster.url, token: () => "any" }, () => cluster.close());
});
