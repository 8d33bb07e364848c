import type { KubeObject } from "../../model/kubernetes.ts";

interface SeenStatus {
  readonly startTime?: string;
  readonly containerStatuses?: readonly {
    readonly imageID?: string;
    readonly restartCount?: number;
    readonly state?: { readonly running?: { readonly startedAt?: string } };
  }[];
}
/** What an earlier kubelet left of a pod. Times in ms. */
export interface TakenOver {
  readonly startedAt: number;
  /** When its containers first started, as far as the status tells. */
  readonly pulledAt: number;
  /** Whether its images were there already. */
  readonly isRunning: boolean;
}

/** Reads from a pod's status when it was started; undefined when nobody started it yet. */
export function takenOver(pod: KubeObject): TakenOver | undefined {
  const { startTime, containerStatuses = [] } = (pod.status ?? {}) as SeenStatus;
  const startedAt = Date.parse(startTime ?? "");
  if (Number.isNaN(startedAt)) return undefined;
  const isRunning = containerStatuses.length > 0 && containerStatuses.every((container) => container.imageID);
  const first = containerStatuses
    .filter((container) => (container.restartCount ?? 0) === 0)
    .map((container) => Date.parse(container.state?.running?.startedAt ?? ""))
    .filter((time) => !Number.isNaN(time));
  // Once restarted, the first start is not to be seen any more; the pod's own comes closest.
  return { startedAt, pulledAt: first.length > 0 ? Math.max(startedAt, Math.min(...first)) : startedAt, isRunning };
}
