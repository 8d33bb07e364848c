import { groupKind, type KubeObject } from "../model/kubernetes.ts";
import type { Verdict } from "../model/verdict.ts";
import { count, replicas, statusOf } from "./kstatus.ts";

type Counters = Pick<Verdict, "desired" | "updated" | "ready" | "available">;

/** What a workload's status counts; zeros for kinds that count nothing. */
export function countersOf(object: KubeObject | undefined): Counters {
  if (object === undefined) return { desired: 0, updated: 0, ready: 0, available: 0 };
  switch (groupKind(object)) {
    case "apps/DaemonSet":
      return {
        desired: count(object, "desiredNumberScheduled"),
        updated: count(object, "updatedNumberScheduled"),
        ready: count(object, "numberReady"),
        available: count(object, "numberAvailable"),
      };
    case "apps/Deployment":
    case "apps/StatefulSet":
      return {
        desired: replicas(object),
        updated: count(object, "updatedReplicas"),
        ready: count(object, "readyReplicas"),
        available: count(object, "availableReplicas"),
      };
    case "apps/ReplicaSet":
      return {
        desired: replicas(object),
        updated: count(object, "replicas"),
        ready: count(object, "readyReplicas"),
        available: count(object, "availableReplicas"),
      };
    default:
      return { desired: 0, updated: 0, ready: 0, available: 0 };
  }
}

/**
 * How far a rollout is, as a number that grows with every step forward: more pods updated, updated ones ready and
 * available, old ones gone. Undefined while the status speaks of an older generation. Only a new high is progress, so
 * that pods that come and go do not count.
 */
export function progressOf(object: KubeObject): number | undefined {
  const { observedGeneration } = statusOf(object);
  if (typeof observedGeneration === "number" && observedGeneration !== object.metadata.generation) return undefined;
  if (groupKind(object) === "batch/Job") return count(object, "succeeded") + count(object, "active");
  const { updated, ready, available } = countersOf(object);
  const total =
    groupKind(object) === "apps/DaemonSet" ? count(object, "currentNumberScheduled") : count(object, "replicas");
  return updated + Math.min(updated, ready) + Math.min(updated, available) - Math.max(0, total - updated);
}
