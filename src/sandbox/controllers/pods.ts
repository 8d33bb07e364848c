import type { KubeObject } from "../../model/kubernetes.ts";
import { type Action, kinds } from "./controller.ts";
import { type Condition, conditionsOf, controllerReference, createdAt, type PodTemplate, statusOf } from "./shapes.ts";

interface PodStatus {
  readonly phase: string;
  readonly containerStatuses: readonly { readonly restartCount?: number }[];
}

export function phaseOf(pod: KubeObject): string {
  return statusOf<PodStatus>(pod).phase ?? "Pending";
}
export function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}
export function isEnded(pod: KubeObject): boolean {
  return phaseOf(pod) === "Succeeded" || phaseOf(pod) === "Failed";
}
/** Neither ended nor being deleted: what counts towards replicas. */
export function isActive(pod: KubeObject): boolean {
  return !isEnded(pod) && !isTerminating(pod);
}
function readyCondition(pod: KubeObject): Condition | undefined {
  return conditionsOf(pod).find((entry) => entry.type === "Ready" && entry.status === "True");
}
export function isReady(pod: KubeObject): boolean {
  return readyCondition(pod) !== undefined;
}
/** When a pod that is ready counts as available; undefined when it is not ready. */
function availableAt(pod: KubeObject, minReadySeconds: number): number | undefined {
  const ready = readyCondition(pod);
  if (ready === undefined) return undefined;
  return minReadySeconds === 0 ? 0 : Date.parse(ready.lastTransitionTime ?? "") + minReadySeconds * 1_000;
}
export function restartsOf(pod: KubeObject): number {
  return (statusOf<PodStatus>(pod).containerStatuses ?? []).reduce((sum, entry) => sum + (entry.restartCount ?? 0), 0);
}

/** How many pods are ready and available, and when the next of them becomes available. */
export function tally(
  pods: readonly KubeObject[],
  minReadySeconds: number,
  now: number,
): { ready: number; available: number; nextAt: number | undefined } {
  const times = pods.map((pod) => availableAt(pod, minReadySeconds)).filter((at) => at !== undefined);
  const later = times.filter((at) => at > now);
  return {
    ready: times.length,
    available: times.length - later.length,
    nextAt: later.length === 0 ? undefined : Math.min(...later),
  };
}

/** Pods in the order they are given up: unplaced, pending, not ready, ready the shortest time, most restarts, newest. */
export function inOrderOfRemoval(pods: readonly KubeObject[]): KubeObject[] {
  const placed = (pod: KubeObject) => ((pod.spec as { nodeName?: string }).nodeName === undefined ? 0 : 1);
  const running = (pod: KubeObject) => (phaseOf(pod) === "Running" ? 1 : 0);
  const readySince = (pod: KubeObject) => Date.parse(readyCondition(pod)?.lastTransitionTime ?? "") || 0;
  const orders: ((a: KubeObject, b: KubeObject) => number)[] = [
    (a, b) => placed(a) - placed(b),
    (a, b) => running(a) - running(b),
    (a, b) => Number(isReady(a)) - Number(isReady(b)),
    (a, b) => readySince(b) - readySince(a),
    (a, b) => restartsOf(b) - restartsOf(a),
    (a, b) => createdAt(b) - createdAt(a),
    (a, b) => (a.metadata.name < b.metadata.name ? -1 : 1),
  ];
  return [...pods].sort((a, b) => orders.map((order) => order(a, b)).find((result) => result !== 0) ?? 0);
}

/** A pod made from its owner's template. */
export function podFrom(
  owner: KubeObject,
  template: PodTemplate,
  own: {
    name: string;
    generateName?: string;
    labels?: Record<string, string>;
    spec?: Record<string, unknown>;
  },
): KubeObject {
  const { labels, annotations } = template.metadata ?? {};
  return {
    ...kinds.pod,
    metadata: {
      name: own.name,
      ...(own.generateName === undefined ? {} : { generateName: own.generateName }),
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      labels: { ...labels, ...own.labels },
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: { ...template.spec, ...own.spec },
  };
}

/** Removes a pod, with the event that replica sets, daemon sets and jobs write; stateful sets word theirs otherwise. */
export function removal(pod: KubeObject): Action {
  const message = `Deleted pod: ${pod.metadata.name}`;
  return { do: "remove", object: pod, event: { type: "Normal", reason: "SuccessfulDelete", message } };
}
