import type { EventText } from "../controllers/controller.ts";

interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: object;
    readonly terminated?: object;
  };
}
interface Status {
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
}

/** The events a kubelet writes between two statuses of a pod: what people look for in `kubectl describe`. */
export function happenings(before: object, after: object): EventText[] {
  const old = new Map(containersOf(before).map((container) => [container.name, container]));
  return containersOf(after).flatMap((container) => between(old.get(container.name), container));
}

function between(before: ContainerStatus | undefined, after: ContainerStatus): EventText[] {
  const { name, image, state } = after;
  const isRestarted = (before?.restartCount ?? 0) !== (after.restartCount ?? 0);
  if (state?.running !== undefined)
    return before?.state?.running !== undefined && !isRestarted
      ? []
      : [
          { type: "Normal", reason: "Created", message: `Created container: ${name}` },
          { type: "Normal", reason: "Started", message: `Started container ${name}` },
        ];
  const reason = state?.waiting?.reason;
  if (reason === undefined || reason === before?.state?.waiting?.reason) return [];
  const warn = (what: string, message: string): EventText => ({ type: "Warning", reason: what, message });
  switch (reason) {
    case "ErrImagePull":
      return [
        warn("Failed", `Failed to pull image "${image}": ${state?.waiting?.message ?? "no reason given"}`),
        warn("Failed", "Error: ErrImagePull"),
      ];
    case "ImagePullBackOff":
      return [
        { type: "Normal", reason: "BackOff", message: `Back-off pulling image "${image}"` },
        warn("Failed", "Error: ImagePullBackOff"),
      ];
    case "CrashLoopBackOff":
      return [warn("BackOff", `Back-off restarting failed container ${name}`)];
    default:
      return [];
  }
}

function containersOf(status: object): readonly ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [] } = status as Status;
  return [...initContainerStatuses, ...containerStatuses];
}
