import { startAgent } from "../../src/main/agent.ts";
import { silentLog } from "../../src/model/ports/log.ts";
import type { AgentOrder } from "./messages.ts";

/** One agent in a process of its own. */
process.on("disconnect", () => process.exit(0));
const order = JSON.parse(process.argv[2]!) as AgentOrder;
await startAgent({
  server: order.server,
  token: order.token,
  environments: [
    {
      name: order.environment,
      git: { repository: order.repository, branch: "main", paths: [`clusters/${order.environment}`] },
    },
  ],
  kubeconfig: order.kubeconfig,
  data: order.data,
  poll: 60_000,
  log: silentLog,
});
