import type { KubeObject } from "../model/kubernetes.ts";
import { condition, statusOf } from "./kstatus.ts";

/** Something wrong with a pod right now. */
export interface Trouble {
  readonly object: string;
  readonly reason: string;
  readonly message: string;
}
interface Terminated {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly finishedAt?: string;
}
interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: { waiting?: { reason?: string; message?: string }; terminated?: Terminated };
  readonly lastState?: { terminated?: Terminated };
}

/** Waiting reasons that are errors; ContainerCreating and PodInitializing are not. */
const errorReasons = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "RegistryUnavailable",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
  "CrashLoopBackOff",
]);
/** A pod that nobody could place is in trouble after this long, as kstatus has it. */
const unschedulableAfterMs = 15_000;

/** All troubles of a workload's pods. A restart counts for `settle` ms after it happened. */
export function troublesOf(pods: readonly KubeObject[], settle: number, now: number): Trouble[] {
  return pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .flatMap((pod) => podTroubles(pod, settle, now));
}

function podTroubles(pod: KubeObject, settle: number, now: number): Trouble[] {
  const object = `pod ${pod.metadata.name}`;
  const status = statusOf(pod);
  const found: Trouble[] = [];
  const containers = [...list(status.initContainerStatuses), ...list(status.containerStatuses)];
  for (const container of containers) {
    const trouble = containerTrouble(container, settle, now);
    if (trouble !== undefined)
      found.push({ object: containers.length > 1 ? `${object}, container ${container.name}` : object, ...trouble });
  }
  const scheduled = condition(pod, "PodScheduled");
  const age = now - Date.parse(pod.metadata.creationTimestamp ?? new Date(now).toISOString());
  if (scheduled?.status === "False" && scheduled.reason === "Unschedulable" && age >= unschedulableAfterMs)
    found.push({ object, reason: "Unschedulable", message: scheduled.message ?? "no node has room" });
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
  settle: number,
  now: number,
): Omit<Trouble, "object"> | undefined {
  const waiting = container.state?.waiting;
  const last = container.state?.terminated ?? container.lastState?.terminated;
  if (waiting?.reason !== undefined && errorReasons.has(waiting.reason)) {
    const ended = waiting.reason === "CrashLoopBackOff" && last !== undefined ? `${endOf(last)}; ` : "";
    return { reason: waiting.reason, message: ended + (waiting.message ?? "the kubelet gives no reason") };
  }
  const now_ = container.state?.terminated;
  if (now_ !== undefined && now_.exitCode !== 0) return { reason: now_.reason ?? "Error", message: endOf(now_) };
  const restarted = container.lastState?.terminated;
  const finishedAt = restarted?.finishedAt === undefined ? Number.NaN : Date.parse(restarted.finishedAt);
  // Kubernetes writes whole seconds, so an end may be up to a second later than it says.
  if (restarted !== undefined && (container.restartCount ?? 0) > 0 && now - finishedAt < settle + 1_000)
    return { reason: "Restarted", message: `${endOf(restarted)}; restarted ${container.restartCount} times` };
  return undefined;
}

function endOf(ended: Terminated): string {
  const words = ended.message?.trim().split("\n").slice(-3).join(" ");
  return `ended with exit code ${ended.exitCode ?? "unknown"}${words ? `: ${words}` : ""}`;
}
function list(value: unknown): readonly ContainerStatus[] {
  return Array.isArray(value) ? (value as ContainerStatus[]) : [];
}
