import { messageOf, SluiceError } from "../../errors.ts";
import { Watcher } from "../../kubernetes/watcher.ts";
import type { KubeObject } from "../../model/kubernetes.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import type { Log } from "../../model/ports/log.ts";
import { EventRecorder } from "../controllers/events.ts";
import type { Pull, Puller } from "./behaviour.ts";
import { pullBackOff } from "./container.ts";
import { happenings } from "./happenings.ts";
import { beat, makeNode } from "./nodes.ts";
import type { NodeRoom } from "./room.ts";
import { Scheduler } from "./scheduler.ts";
import { type PodRun, podStatus } from "./status.ts";
import { takenOver } from "./takeover.ts";

export interface KubeletOptions {
  readonly client: KubernetesClient;
  readonly pull: Puller;
  readonly clock: Clock;
  readonly log: Log;
  /** Nodes with their room; pods that fit nowhere stay unschedulable. */
  readonly nodes?: readonly NodeRoom[];
}
interface Entry {
  run: PodRun;
  timer: NodeJS.Timeout | undefined;
  /** The status as last written, and as text. */
  status: object;
  written: string;
  /** Ran before this kubelet started: goes on as it is even while its image cannot be asked for. */
  readonly isTakenOver: boolean;
}
const podKind = { apiVersion: "v1", kind: "Pod" };
const usualNodes: readonly NodeRoom[] = ["node-1", "node-2", "node-3"].map((name) => ({
  name,
  cpu: 16_000,
  memory: 64 * 2 ** 30,
}));
const beatMs = 15_000;
const stopMs = 50;
const retryMs = 1_000;

/**
 * Plays scheduler and kubelet as a client of the API: makes nodes, binds pods, moves their status over time, lets
 * deleted pods go. The same one serves the sandbox and a real control plane.
 */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #nodes: readonly NodeRoom[];
  readonly #scheduler: Scheduler;
  readonly #events: EventRecorder;
  readonly #stop = new AbortController();
  readonly #runs = new Map<string, Entry>();
  readonly #busy = new Set<string>();
  readonly #leaving = new Set<string>();
  readonly #watcher: Watcher;
  #beats: NodeJS.Timeout | undefined;

  constructor(options: KubeletOptions) {
    const { client, clock, log } = options;
    this.#options = options;
    this.#nodes = options.nodes ?? usualNodes;
    this.#scheduler = new Scheduler(client, clock, this.#nodes);
    this.#events = new EventRecorder(client, clock, "kubelet");
    this.#watcher = new Watcher(
      client,
      podKind,
      {},
      {
        changed: (pod) => this.#take(pod),
        gone: (pod) => this.#forget(pod),
        problem: (message) => log.warn("the pods' watch broke", { problem: message }),
      },
    );
  }

  async start(): Promise<void> {
    const { client, clock, log } = this.#options;
    for (const node of this.#nodes) await makeNode(client, clock, node);
    this.#beats = setInterval(() => {
      for (const node of this.#nodes)
        beat(client, clock, node).catch((error: unknown) => {
          if (!this.#stop.signal.aborted) log.warn("a node cannot tell that it lives", { problem: messageOf(error) });
        });
    }, beatMs);
    void this.#watcher.run(this.#stop.signal);
  }
  stop(): void {
    this.#stop.abort();
    clearInterval(this.#beats);
    for (const { timer } of this.#runs.values()) clearTimeout(timer);
  }

  #take(pod: KubeObject): void {
    const uid = pod.metadata.uid ?? "";
    if (this.#stop.signal.aborted) return;
    if (pod.metadata.deletionTimestamp !== undefined) return this.#letGo(pod);
    const { phase } = (pod.status ?? {}) as { phase?: string };
    if (phase === "Succeeded" || phase === "Failed") return this.#forget(pod);
    if (this.#runs.has(uid) || this.#busy.has(uid) || this.#leaving.has(uid)) return;
    const { nodeName } = pod.spec as { nodeName?: string };
    if (nodeName === undefined) return this.#quietly(pod, () => this.#scheduler.schedule(pod));
    this.#scheduler.occupy(pod, nodeName);
    this.#quietly(pod, () => this.#begin(pod));
  }
  /** Looks again at a pod as the watch last told it: at once when it has a node, since else its binding is still to be seen. */
  #takeAgain(pod: KubeObject, evenUnbound = false): void {
    const now = this.#watcher.get(pod.metadata.namespace, pod.metadata.name);
    const { nodeName } = (now?.spec ?? {}) as { nodeName?: string };
    if (now === undefined || now.metadata.uid !== pod.metadata.uid) return;
    if (nodeName !== undefined || evenUnbound || now.metadata.deletionTimestamp !== undefined) this.#take(now);
  }

  async #begin(pod: KubeObject): Promise<void> {
    const before = takenOver(pod);
    const now = this.#options.clock.now();
    const run: PodRun = { pod, startedAt: before?.startedAt ?? now, pulls: new Map(), pulledAt: now, tries: 0 };
    const entry: Entry = {
      run,
      timer: undefined,
      status: pod.status ?? {},
      written: "",
      isTakenOver: before?.isRunning === true,
    };
    this.#runs.set(pod.metadata.uid ?? "", entry);
    await this.#pull(entry);
    if (before?.isRunning) entry.run = { ...entry.run, pulledAt: before.pulledAt };
    await this.#write(entry);
  }

  async #pull(entry: Entry): Promise<void> {
    const { pod, pulls: known, tries } = entry.run;
    const spec = pod.spec as { containers: { image: string }[]; initContainers?: { image: string }[] };
    const images = new Set([...(spec.initContainers ?? []), ...spec.containers].map((container) => container.image));
    const pulls = new Map<string, Pull>();
    for (const image of images) {
      const there = known.get(image);
      const pull = there?.found ? there : await this.#pullOne(entry, image);
      pulls.set(image, pull);
    }
    entry.run = { ...entry.run, pulls, pulledAt: this.#options.clock.now(), tries: tries + 1 };
  }
  async #pullOne(entry: Entry, image: string): Promise<Pull> {
    const tell = (reason: string, message: string) => {
      if (!entry.isTakenOver) this.#events.tell(entry.run.pod, { type: "Normal", reason, message });
    };
    tell("Pulling", `Pulling image "${image}"`);
    const pull = await this.#options
      .pull(image)
      .catch((error: unknown): Pull => ({ found: false, message: messageOf(error) }));
    if (pull.found) tell("Pulled", `Successfully pulled image "${image}"`);
    return pull;
  }

  async #write(entry: Entry): Promise<void> {
    const { client, clock } = this.#options;
    const { name, namespace, uid = "" } = entry.run.pod.metadata;
    if (this.#runs.get(uid) !== entry || this.#stop.signal.aborted) return;
    const isMissing = [...entry.run.pulls.values()].some((pull) => !pull.found);
    const pullAt = isMissing ? entry.run.pulledAt + pullBackOff(entry.run.tries) : undefined;
    if (isMissing && entry.isTakenOver) return this.#writeAt(entry, clock.now() + retryMs, 0);
    const { status, nextAt, isEnded } = podStatus(entry.run, clock.now());
    const text = JSON.stringify(status);
    if (text !== entry.written) {
      await client.patch(podKind, namespace, name, { metadata: { uid }, status }, "status");
      for (const event of happenings(entry.status, status)) this.#events.tell(entry.run.pod, event);
      entry.status = status;
      entry.written = text;
    }
    if (isEnded) return;
    const at = Math.min(nextAt ?? Infinity, pullAt ?? Infinity);
    if (at !== Infinity) this.#writeAt(entry, at, pullAt);
  }
  #writeAt(entry: Entry, at: number, pullAt: number | undefined): void {
    const { clock } = this.#options;
    if (this.#runs.get(entry.run.pod.metadata.uid ?? "") !== entry) return;
    const again = async () => {
      if (pullAt !== undefined && clock.now() >= pullAt) await this.#pull(entry);
      await this.#write(entry);
    };
    entry.timer = setTimeout(() => this.#quietly(entry.run.pod, again), Math.max(5, at - clock.now()));
  }

  /** A pod that is being deleted ends within a moment, as containers that obey SIGTERM do. */
  #letGo(pod: KubeObject): void {
    const { name, namespace, uid = "" } = pod.metadata;
    if (this.#leaving.has(uid)) return;
    const entry = this.#runs.get(uid);
    for (const container of entry === undefined ? [] : (pod.spec as { containers: { name: string }[] }).containers)
      this.#events.tell(pod, { type: "Normal", reason: "Killing", message: `Stopping container ${container.name}` });
    this.#forget(pod);
    this.#leaving.add(uid);
    const remove = () => {
      if (this.#stop.signal.aborted) return;
      this.#options.client.remove(podKind, namespace, name, { uid, graceSeconds: 0 }).catch((error: unknown) => {
        // Otherwise it is gone already, or another pod of its name is there.
        if (!isOver(error)) setTimeout(remove, retryMs).unref();
      });
    };
    setTimeout(remove, stopMs).unref();
  }

  #forget(pod: KubeObject): void {
    const uid = pod.metadata.uid ?? "";
    clearTimeout(this.#runs.get(uid)?.timer);
    this.#runs.delete(uid);
    this.#leaving.delete(uid);
    const { unplaced } = this.#scheduler;
    if (!this.#scheduler.free(pod) || unplaced.size === 0) return;
    for (const waiting of this.#watcher.objects) if (unplaced.has(waiting.metadata.uid ?? "")) this.#take(waiting);
  }

  #quietly(pod: KubeObject, body: () => Promise<void>): void {
    const uid = pod.metadata.uid ?? "";
    this.#busy.add(uid);
    const settle = (after: () => void) => {
      this.#busy.delete(uid);
      if (!this.#stop.signal.aborted) after();
    };
    body().then(
      // What came by the watch meanwhile was not looked at.
      () =>
        settle(() => {
          if (!this.#runs.has(uid)) this.#takeAgain(pod);
        }),
      (error: unknown) =>
        settle(() => {
          if (isOver(error)) {
            this.#forget(pod);
            return this.#takeAgain(pod);
          }
          this.#options.log.warn("a pod could not be moved on", { pod: pod.metadata.name, problem: messageOf(error) });
          const entry = this.#runs.get(uid);
          if (entry !== undefined) this.#writeAt(entry, this.#options.clock.now() + retryMs, undefined);
          else setTimeout(() => this.#takeAgain(pod, true), retryMs).unref();
        }),
    );
  }
}

/** The object is gone, or is another one now. */
function isOver(error: unknown): boolean {
  return error instanceof SluiceError && (error.facts.status === 404 || error.facts.status === 409);
}
