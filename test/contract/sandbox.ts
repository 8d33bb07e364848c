import { createKubernetesClient } from "../../src/kubernetes/client.ts";
import { systemClock } from "../../src/model/ports/clock.ts";
import { silentLog } from "../../src/model/ports/log.ts";
import { startSandboxCluster } from "../../src/sandbox/cluster/server.ts";
import { startControllers } from "../../src/sandbox/controllers/controllers.ts";
import type { ScenarioCluster } from "./environment.ts";

/** A sandbox cluster with its controllers, in this process. */
export async function sandboxCluster(): Promise<ScenarioCluster> {
  const cluster = await startSandboxCluster({ name: "dev", clock: systemClock });
  const client = () => createKubernetesClient({ server: cluster.url, token: () => "sandbox" });
  const own = client();
  const controllers = await startControllers({ client: own, clock: systemClock, log: silentLog });
  return {
    client,
    async stop() {
      await controllers.stop();
      await own.close();
      await cluster.close();
    },
  };
}
