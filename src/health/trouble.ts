import type { KubeObject } from "../model/kubernetes.ts";
import { condition, statusOf } from "./kstatus.ts";

/** Something wrong with a pod right now. */
export interface Trouble {
  readonly object: string;
  readonly reason: string;
  readonly message: string;
  /** When it is over by itself if nothing else happens, in ms. */
  readonly until?: number;
}
/** How often each container was restarted, and when that was seen by our own clock: a kubelet's may be wrong. */
export type Restarts = Readonly<Record<string, { readonly count: number; readonly at: number }>>;

interface Terminated {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly finishedAt?: string;
}
interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: { waiting?: { reason?: string; message?: string }; running?: object; terminated?: Terminated };
  readonly lastState?: { terminated?: Terminated };
}

/** What a container waits for when nothing is wrong. Every other reason is an error, also one not known yet. */
const calmReasons = new Set(["ContainerCreating", "PodInitializing"]);
/** A pod that nobody could place is in trouble after this long, as kstatus has it. */
const unschedulableAfterMs = 15_000;

/**
 * What was seen of restarts, brought up to date. One that is new to us happened now; of a workload never looked at
 * before, when the kubelet says, but never later than now.
 */
export function seeRestarts(before: Restarts | undefined, pods: readonly KubeObject[], now: number): Restarts {
  const seen: Record<string, { count: number; at: number }> = {};
  for (const pod of pods)
    for (const container of containersOf(pod)) {
      const key = `${pod.metadata.uid ?? pod.metadata.name}/${container.name}`;
      const count = container.restartCount ?? 0;
      const known = before?.[key];
      const told = Date.parse(container.lastState?.terminated?.finishedAt ?? "");
      if (known?.count === count) seen[key] = known;
      else if (count > 0) seen[key] = { count, at: before === undefined ? Math.min(now, told || now) : now };
    }
  return seen;
}

/** All troubles of pods. A restart counts for `settle` ms after it was seen. */
export function troublesOf(
  pods: readonly KubeObject[],
  restarts: Restarts,
  settle: number,
  now: number,
): { troubles: Trouble[]; nextAt: number | undefined } {
  const troubles = pods.flatMap((pod) => podTroubles(pod, restarts, settle, now));
  const times = [
    ...troubles.map((trouble) => trouble.until),
    ...pods.map((pod) => (isUnplaced(pod) ? createdAt(pod, now) + unschedulableAfterMs : undefined)),
  ].filter((at) => at !== undefined && at > now);
  return { troubles, nextAt: times.length === 0 ? undefined : Math.min(...(times as number[])) };
}

function podTroubles(pod: KubeObject, restarts: Restarts, settle: number, now: number): Trouble[] {
  const object = `pod ${pod.metadata.name}`;
  const status = statusOf(pod);
  const found: Trouble[] = [];
  const containers = containersOf(pod);
  for (const container of containers) {
    const restarted = restarts[`${pod.metadata.uid ?? pod.metadata.name}/${container.name}`];
    const trouble = containerTrouble(container, restarted?.at, settle, now);
    if (trouble !== undefined)
      found.push({ object: containers.length > 1 ? `${object}, container ${container.name}` : object, ...trouble });
  }
  if (isUnplaced(pod) && now - createdAt(pod, now) >= unschedulableAfterMs)
    found.push({
      object,
      reason: "Unschedulable",
      message: condition(pod, "PodScheduled")?.message ?? "no node has room",
    });
  if (status.phase === "Failed" && found.length === 0)
    found.push({
      object,
      reason: String(status.reason ?? "Failed"),
      message: String(status.message ?? "the pod failed"),
    });
  return found;
}

function containerTrouble(
  container: ContainerStatus,
  restartedAt: number | undefined,
  settle: number,
  now: number,
): Omit<Trouble, "object"> | undefined {
  const { state = {}, lastState, restartCount = 0 } = container;
  const last = state.terminated ?? lastState?.terminated;
  const waiting = state.waiting?.reason;
  if (waiting !== undefined && !calmReasons.has(waiting)) {
    const ended = waiting === "CrashLoopBackOff" && last !== undefined ? `${endOf(last)}; ` : "";
    return { reason: waiting, message: ended + (state.waiting?.message ?? "the kubelet gives no reason") };
  }
  if (state.terminated !== undefined && state.terminated.exitCode !== 0)
    return { reason: state.terminated.reason ?? "Error", message: endOf(state.terminated) };
  if (restartedAt === undefined || restartCount === 0 || now - restartedAt >= settle) return undefined;
  const times = restartCount === 1 ? "once" : `${restartCount} times`;
  const end = last === undefined ? "ended" : endOf(last);
  return { reason: "Restarted", message: `${end}; restarted ${times}`, until: restartedAt + settle };
}

/** Pods that are not ready though nothing says why: what to show when no progress is made. */
export function unready(pods: readonly KubeObject[]): Trouble[] {
  return pods
    .filter((pod) => condition(pod, "Ready")?.status !== "True" && statusOf(pod).phase !== "Succeeded")
    .map((pod) => ({ object: `pod ${pod.metadata.name}`, reason: "NotReady", message: whyUnready(pod) }));
}
function whyUnready(pod: KubeObject): string {
  const containers = containersOf(pod).filter((container) => container.ready !== true);
  const words = containers.map(({ name, state }) =>
    state?.running === undefined
      ? `container ${name} waits: ${state?.waiting?.reason ?? "not started"}`
      : `container ${name} runs but is not ready`,
  );
  return words.length > 0 ? words.join("; ") : (condition(pod, "PodScheduled")?.message ?? "not started yet");
}

/** What the object's own conditions tell besides its pods: pods that cannot even be made. */
export function ownTroubles(object: KubeObject): Trouble[] {
  const failure = condition(object, "ReplicaFailure");
  if (failure?.status !== "True") return [];
  const { reason = "ReplicaFailure", message = "pods cannot be created" } = failure;
  return [{ object: `${object.kind.toLowerCase()} ${object.metadata.name}`, reason, message }];
}

function isUnplaced(pod: KubeObject): boolean {
  const scheduled = condition(pod, "PodScheduled");
  return scheduled?.status === "False" && scheduled.reason === "Unschedulable";
}
function createdAt(pod: KubeObject, now: number): number {
  return Math.min(now, Date.parse(pod.metadata.creationTimestamp ?? "") || now);
}
function endOf(ended: Terminated): string {
  const words = ended.message?.trim().split("\n").slice(-3).join(" ");
  return `ended with exit code ${ended.exitCode ?? "unknown"}${words ? `: ${words}` : ""}`;
}
function containersOf(pod: KubeObject): readonly ContainerStatus[] {
  const { initContainerStatuses, containerStatuses } = statusOf(pod);
  return [...list(initContainerStatuses), ...list(containerStatuses)];
}
function list(value: unknown): readonly ContainerStatus[] {
  return Array.isArray(value) ? (value as ContainerStatus[]) : [];
}
