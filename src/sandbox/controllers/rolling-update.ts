import type { KubeObject } from "../../model/kubernetes.ts";
import { counted, desiredOf, limitsOf, type ReplicaSetStatus, type Rollout, replicasOf, setsOf } from "./rollout.ts";
import { statusOf } from "./shapes.ts";

export interface Targets {
  readonly newest: number;
  readonly old: ReadonlyMap<KubeObject, number>;
}

/** The next sizes in a rolling update: first the newest grows as far as the surge allows, then the old ones give way. */
export function scaleRolling(rollout: Rollout): Targets {
  const newest = sizeOfNewest(rollout);
  const now = rollout.newest === undefined ? 0 : replicasOf(rollout.newest);
  return { newest, old: newest === now ? shrinkOld(rollout) : new Map() };
}

function sizeOfNewest(rollout: Rollout): number {
  const desired = desiredOf(rollout);
  const now = rollout.newest === undefined ? 0 : replicasOf(rollout.newest);
  if (now > desired) return desired;
  const total = totalOf(rollout);
  const most = desired + limitsOf(rollout).surge;
  return total >= most ? now : now + Math.min(most - total, desired - now);
}

/** Old pods go as long as enough are available; those that never worked go first. */
function shrinkOld(rollout: Rollout): Map<KubeObject, number> {
  const { newest, old } = rollout;
  const sizes = new Map(old.map((set) => [set, replicasOf(set)]));
  const least = desiredOf(rollout) - limitsOf(rollout).unavailable;
  const newestUnavailable = newest === undefined ? 0 : Math.max(0, replicasOf(newest) - availableOf(newest));
  let mayGo = totalOf(rollout) - least - newestUnavailable;
  for (const set of old) {
    const cut = Math.min(mayGo, replicasOf(set) - availableOf(set));
    if (cut <= 0) continue;
    sizes.set(set, replicasOf(set) - cut);
    mayGo -= cut;
  }
  let spare = counted(setsOf(rollout), "availableReplicas") - least;
  for (const set of old) {
    const cut = Math.min(mayGo, spare, sizes.get(set) ?? 0);
    if (cut <= 0) continue;
    sizes.set(set, (sizes.get(set) ?? 0) - cut);
    spare -= cut;
    mayGo -= cut;
  }
  return sizes;
}

function availableOf(set: KubeObject): number {
  return statusOf<ReplicaSetStatus>(set).availableReplicas ?? 0;
}
function totalOf(rollout: Rollout): number {
  return setsOf(rollout).reduce((sum, set) => sum + replicasOf(set), 0);
}
