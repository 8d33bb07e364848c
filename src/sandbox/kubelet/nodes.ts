import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import { seconds } from "./container.ts";
import { type NodeRoom, nodeLabels } from "./room.ts";

const nodeKind = { apiVersion: "v1", kind: "Node" };

/** Makes a node that is ready, or takes over the one of that name. */
export async function makeNode(client: KubernetesClient, clock: Clock, node: NodeRoom): Promise<void> {
  const known = await client.get(nodeKind, undefined, node.name);
  const labels = nodeLabels(node.name);
  if (known === undefined) await client.create({ ...nodeKind, metadata: { name: node.name, labels } });
  else await client.patch(nodeKind, undefined, node.name, { metadata: { labels } });
  await beat(client, clock, node);
  // A real control plane marks new nodes as not to be used until a cloud has looked at them.
  await client.patch(nodeKind, undefined, node.name, { spec: { taints: null } });
}

/** Tells that a node lives; without it a real control plane takes its pods for lost after a while. */
export async function beat(client: KubernetesClient, clock: Clock, node: NodeRoom): Promise<void> {
  const room = { cpu: `${node.cpu}m`, memory: String(node.memory), pods: "1000" };
  const at = seconds(clock.now());
  const ready = {
    type: "Ready",
    status: "True",
    reason: "KubeletReady",
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  };
  const status = { capacity: room, allocatable: room, conditions: [ready] };
  await client.patch(nodeKind, undefined, node.name, { status }, "status");
}
