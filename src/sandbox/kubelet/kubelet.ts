import { messageOf, SluiceError } from "../../errors.ts";
import { Watcher } from "../../kubernetes/watcher.ts";
import type { KubeObject } from "../../model/kubernetes.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import type { Log } from "../../model/ports/log.ts";
import type { Pull, Puller } from "./behaviour.ts";
import { type NodeRoom, place, requestsOf } from "./room.ts";
import { type PodRun, podStatus, pullBackOff } from "./status.ts";

export interface KubeletOptions {
  readonly client: KubernetesClient;
  readonly pull: Puller;
  readonly clock: Clock;
  readonly log: Log;
  /** Nodes with their room; pods that fit nowhere stay unschedulable. */
  readonly nodes?: readonly NodeRoom[];
}
const podKind = { apiVersion: "v1", kind: "Pod" };
const usualNodes: readonly NodeRoom[] = ["node-1", "node-2", "node-3"].map((name) => ({
  name,
  cpu: 16_000,
  memory: 64 * 2 ** 30,
}));

/**
 * Plays scheduler and kubelet as a client of the API: makes nodes, binds pods, moves their status over time, lets
 * deleted pods go. The same one serves the sandbox and a real control plane.
 */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #nodes: readonly NodeRoom[];
  readonly #stop = new AbortController();
  readonly #runs = new Map<string, { run: PodRun; timer: NodeJS.Timeout | undefined; written: string }>();
  readonly #placed = new Map<string, { node: string; cpu: number; memory: number }>();
  readonly #busy = new Set<string>();
  readonly #watcher: Watcher;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#nodes = options.nodes ?? usualNodes;
    this.#watcher = new Watcher(
      options.client,
      podKind,
      {},
      {
        changed: (pod) => this.#take(pod),
        gone: (pod) => this.#forget(pod),
        problem: (message) => options.log.warn("the pods' watch broke", { problem: message }),
      },
    );
  }

  async start(): Promise<void> {
    for (const node of this.#nodes) await this.#makeNode(node);
    void this.#watcher.run(this.#stop.signal);
  }
  stop(): void {
    this.#stop.abort();
    for (const { timer } of this.#runs.values()) clearTimeout(timer);
  }

  async #makeNode(node: NodeRoom): Promise<void> {
    const room = { cpu: `${node.cpu}m`, memory: String(node.memory), pods: "1000" };
    const { client } = this.#options;
    const kind = { apiVersion: "v1", kind: "Node" };
    if ((await client.get(kind, undefined, node.name)) === undefined)
      await client.create({ ...kind, metadata: { name: node.name } });
    const at = new Date().toISOString();
    const ready = {
      type: "Ready",
      status: "True",
      reason: "KubeletReady",
      lastHeartbeatTime: at,
      lastTransitionTime: at,
    };
    await client.patch(
      kind,
      undefined,
      node.name,
      { status: { capacity: room, allocatable: room, conditions: [ready] } },
      "status",
    );
    await client.patch(kind, undefined, node.name, { spec: { taints: null } });
  }

  #take(pod: KubeObject): void {
    const uid = pod.metadata.uid ?? "";
    if (pod.metadata.deletionTimestamp !== undefined) return this.#letGo(pod);
    const { phase } = (pod.status ?? {}) as { phase?: string };
    if (phase === "Succeeded" || phase === "Failed") return;
    if (this.#runs.has(uid) || this.#busy.has(uid)) return;
    const { nodeName } = pod.spec as { nodeName?: string };
    this.#quietly(pod, nodeName === undefined ? () => this.#schedule(pod) : () => this.#begin(pod));
  }

  async #schedule(pod: KubeObject): Promise<void> {
    const { client, clock } = this.#options;
    const { name, namespace, uid = "" } = pod.metadata;
    const wanted = requestsOf(pod);
    const node = place(wanted, this.#nodes, [...this.#placed.values()]);
    if (node !== undefined) {
      this.#placed.set(uid, { node, ...wanted });
      await client.post(podKind, namespace, name, "binding", {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name, namespace },
        target: { apiVersion: "v1", kind: "Node", name: node },
      });
      return;
    }
    const message = `0/${this.#nodes.length} nodes are available: ${this.#nodes.length} Insufficient cpu or memory.`;
    const condition = {
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message,
      lastTransitionTime: new Date(clock.now()).toISOString(),
    };
    await client.patch(podKind, namespace, name, { status: { phase: "Pending", conditions: [condition] } }, "status");
    setTimeout(() => this.#retry(pod, true), 2_000).unref();
  }
  #retry(pod: KubeObject, force = false): void {
    const now = this.#watcher.get(pod.metadata.namespace, pod.metadata.name);
    const { nodeName } = (now?.spec ?? {}) as { nodeName?: string };
    if (now?.metadata.uid === pod.metadata.uid && !this.#stop.signal.aborted && (force || nodeName !== undefined))
      this.#take(now!);
  }

  async #begin(pod: KubeObject): Promise<void> {
    const now = this.#options.clock.now();
    const entry = {
      run: { pod, startedAt: now, pulls: new Map<string, Pull>(), pulledAt: now, tries: 0 },
      timer: undefined,
      written: "",
    };
    this.#runs.set(pod.metadata.uid ?? "", entry);
    await this.#pull(entry);
    await this.#write(entry);
  }

  async #pull(entry: { run: PodRun }): Promise<void> {
    const spec = entry.run.pod.spec as { containers: { image: string }[]; initContainers?: { image: string }[] };
    const images = new Set([...(spec.initContainers ?? []), ...spec.containers].map((container) => container.image));
    const pulls = new Map<string, Pull>();
    for (const image of images) {
      const known = entry.run.pulls.get(image);
      pulls.set(
        image,
        known?.found
          ? known
          : await this.#options
              .pull(image)
              .catch((error: unknown): Pull => ({ found: false, message: messageOf(error) })),
      );
    }
    entry.run = { ...entry.run, pulls, pulledAt: this.#options.clock.now(), tries: entry.run.tries + 1 };
  }

  async #write(entry: { run: PodRun; timer: NodeJS.Timeout | undefined; written: string }): Promise<void> {
    const { client, clock } = this.#options;
    const { name, namespace, uid = "" } = entry.run.pod.metadata;
    if (this.#runs.get(uid) !== entry || this.#stop.signal.aborted) return;
    const { status, nextAt } = podStatus(entry.run, clock.now());
    const text = JSON.stringify(status);
    if (text !== entry.written) {
      await client.patch(podKind, namespace, name, { status }, "status");
      entry.written = text;
    }
    const missing = [...entry.run.pulls.values()].some((pull) => !pull.found);
    const pullAt = missing ? entry.run.pulledAt + pullBackOff(entry.run.tries) : undefined;
    const at = Math.min(nextAt ?? Infinity, pullAt ?? Infinity);
    if (at === Infinity) return;
    entry.timer = setTimeout(
      () => {
        this.#quietly(entry.run.pod, async () => {
          if (pullAt !== undefined && clock.now() >= pullAt) await this.#pull(entry);
          await this.#write(entry);
        });
      },
      Math.max(5, at - clock.now()),
    );
  }

  /** A pod that is being deleted ends within a moment, as containers that obey SIGTERM do. */
  #letGo(pod: KubeObject): void {
    this.#forget(pod);
    setTimeout(() => {
      this.#options.client
        .remove(podKind, pod.metadata.namespace, pod.metadata.name, { uid: pod.metadata.uid, graceSeconds: 0 })
        .catch(() => {});
    }, 50).unref();
  }
  #forget(pod: KubeObject): void {
    const uid = pod.metadata.uid ?? "";
    clearTimeout(this.#runs.get(uid)?.timer);
    this.#runs.delete(uid);
    this.#placed.delete(uid);
  }

  #quietly(pod: KubeObject, body: () => Promise<void>): void {
    const uid = pod.metadata.uid ?? "";
    this.#busy.add(uid);
    body()
      .catch((error: unknown) => {
        if (error instanceof SluiceError && (error.facts.status === 404 || error.facts.status === 409))
          return this.#forget(pod);
        if (!this.#stop.signal.aborted)
          this.#options.log.warn("a pod could not be moved on", { pod: pod.metadata.name, problem: messageOf(error) });
      })
      .finally(() => {
        this.#busy.delete(uid);
        // What came by the watch meanwhile was not looked at.
        if (!this.#runs.has(uid)) this.#retry(pod);
      });
  }
}
