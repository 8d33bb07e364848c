import type { KubeObject } from "../../model/kubernetes.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import { EventRecorder } from "../controllers/events.ts";
import { seconds } from "./container.ts";
import { admitted, type NodeRoom, place, type Requests, requestsOf } from "./room.ts";

const podKind = { apiVersion: "v1", kind: "Pod" };

/** Binds pods to nodes that have room, and tells of those for which there is none. */
export class Scheduler {
  readonly #client: KubernetesClient;
  readonly #clock: Clock;
  readonly #nodes: readonly NodeRoom[];
  readonly #events: EventRecorder;
  readonly #placed = new Map<string, Requests & { node: string }>();
  readonly #unplaced = new Set<string>();

  constructor(client: KubernetesClient, clock: Clock, nodes: readonly NodeRoom[]) {
    this.#client = client;
    this.#clock = clock;
    this.#nodes = nodes;
    this.#events = new EventRecorder(client, clock, "default-scheduler");
  }

  /** Uids of the pods that wait for room. */
  get unplaced(): ReadonlySet<string> {
    return this.#unplaced;
  }

  /** Counts a pod that is on a node already, whoever put it there. */
  occupy(pod: KubeObject, node: string): void {
    this.#placed.set(pod.metadata.uid ?? "", { node, ...requestsOf(pod) });
  }
  /** Gives a pod's room back; answers whether it had any. */
  free(pod: KubeObject): boolean {
    const uid = pod.metadata.uid ?? "";
    this.#unplaced.delete(uid);
    return this.#placed.delete(uid);
  }

  async schedule(pod: KubeObject): Promise<void> {
    const { name, namespace, uid = "" } = pod.metadata;
    const nodes = admitted(pod, this.#nodes);
    const node = place(requestsOf(pod), nodes, [...this.#placed.values()]);
    if (node === undefined) return this.#tellUnplaced(pod, nodes.length);
    this.occupy(pod, node);
    this.#unplaced.delete(uid);
    await this.#client.post(podKind, namespace, name, "binding", {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace },
      target: { apiVersion: "v1", kind: "Node", name: node },
    });
    const message = `Successfully assigned ${namespace}/${name} to ${node}`;
    this.#events.tell(pod, { type: "Normal", reason: "Scheduled", message });
  }

  async #tellUnplaced(pod: KubeObject, admitting: number): Promise<void> {
    const { name, namespace, uid = "" } = pod.metadata;
    if (this.#unplaced.has(uid)) return;
    this.#unplaced.add(uid);
    const all = this.#nodes.length;
    const others = all - admitting;
    const reasons = [
      ...(others > 0 ? [`${others} node(s) didn't match Pod's node affinity/selector`] : []),
      ...(admitting > 0 ? [`${admitting} ${shortOf(pod, this.#nodes)}`] : []),
    ];
    const message = `0/${all} nodes are available: ${reasons.join(", ")}.`;
    const condition = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message,
      lastTransitionTime: seconds(this.#clock.now()),
    };
    await this.#client.patch(
      podKind,
      namespace,
      name,
      { status: { phase: "Pending", conditions: [condition] } },
      "status",
    );
    this.#events.tell(pod, { type: "Warning", reason: "FailedScheduling", message });
  }
}

function shortOf(pod: KubeObject, nodes: readonly NodeRoom[]): string {
  const { cpu } = requestsOf(pod);
  return nodes.every((node) => node.cpu < cpu) ? "Insufficient cpu" : "Insufficient cpu or memory";
}
