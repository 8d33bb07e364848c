import { counted, desiredOf, limitsOf, type Rollout, replicasOf, setsOf } from "./rollout.ts";
import {
  type Condition,
  conditionsOf,
  seconds,
  statusOf,
  withCondition,
  withoutCondition,
  withoutZeros,
} from "./shapes.ts";

interface DeploymentStatus {
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly observedGeneration: number;
}
/** A deadline of this many seconds means none. */
const noDeadline = 2 ** 31 - 1;
const usualDeadline = 600;

/** The status a Deployment should have, whether its rollout is complete, and when its deadline passes. */
export function progressOf(
  rollout: Rollout,
  now: number,
): {
  status: Record<string, unknown>;
  isComplete: boolean;
  lookAgainAt: number | undefined;
} {
  const { deployment, newest } = rollout;
  const sets = setsOf(rollout);
  const available = counted(sets, "availableReplicas");
  const counters = {
    replicas: counted(sets, "replicas"),
    updatedReplicas: newest === undefined ? 0 : counted([newest], "replicas"),
    readyReplicas: counted(sets, "readyReplicas"),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sets.reduce((sum, set) => sum + replicasOf(set), 0) - available),
  };
  const desired = desiredOf(rollout);
  const isComplete =
    newest !== undefined &&
    counters.updatedReplicas === desired &&
    counters.replicas === desired &&
    counters.availableReplicas === desired;
  let conditions = withCondition(conditionsOf(deployment), availability(rollout, available), now).map(timed(now));
  const progressing = progressCondition(rollout, counters, isComplete, now);
  if (progressing !== undefined) conditions = withCondition(conditions, progressing, now);
  conditions = withFailure(conditions, rollout, now);
  const status = {
    ...withoutZeros({
      observedGeneration: deployment.metadata.generation,
      ...counters,
    }),
    conditions,
  };
  return {
    status,
    isComplete,
    lookAgainAt: deadlineAt(rollout, conditions, now),
  };
}

function availability(rollout: Rollout, available: number): Condition {
  const isEnough = available >= desiredOf(rollout) - limitsOf(rollout).unavailable;
  return isEnough
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
}

/** The Progressing condition when it changes now. */
function progressCondition(
  rollout: Rollout,
  counters: Omit<DeploymentStatus, "observedGeneration"> & { replicas: number },
  isComplete: boolean,
  now: number,
): Condition | undefined {
  const { deployment, newest, spec } = rollout;
  const old = statusOf<DeploymentStatus>(deployment);
  const known = conditionsOf(deployment).find((entry) => entry.type === "Progressing");
  const set = newest === undefined ? "" : `ReplicaSet "${newest.metadata.name}"`;
  const say = (status: "True" | "False" | "Unknown", reason: string, message: string): Condition => ({
    type: "Progressing",
    status,
    reason,
    message,
    lastUpdateTime: seconds(now),
  });
  if (spec.paused)
    return known?.reason === "DeploymentPaused"
      ? undefined
      : say("Unknown", "DeploymentPaused", "Deployment is paused");
  if (known?.reason === "DeploymentPaused") return say("Unknown", "DeploymentResumed", "Deployment is resumed");
  if (newest === undefined)
    return say("True", "NewReplicaSetCreated", `Created new replica set for "${deployment.metadata.name}"`);
  // What was rolled out completely once stays so, whatever its pods do later.
  if (counters.replicas === counters.updatedReplicas && known?.reason === "NewReplicaSetAvailable") return undefined;
  if (isComplete) return say("True", "NewReplicaSetAvailable", `${set} has successfully progressed.`);
  const desired = desiredOf(rollout);
  const isMoving =
    counters.updatedReplicas > (old.updatedReplicas ?? 0) ||
    counters.replicas - counters.updatedReplicas < oldPods(deployment.status) ||
    counters.readyReplicas > (old.readyReplicas ?? 0) ||
    counters.availableReplicas > (old.availableReplicas ?? 0);
  if (isMoving || known === undefined) return say("True", "ReplicaSetUpdated", `${set} is progressing.`);
  const passed = isPastDeadline(rollout, known, now) && desired > 0;
  if (passed && known.reason !== "ProgressDeadlineExceeded")
    return say("False", "ProgressDeadlineExceeded", `${set} has timed out progressing.`);
  return undefined;
}

function oldPods(status: unknown): number {
  const { replicas = 0, updatedReplicas = 0 } = (status ?? {}) as {
    replicas?: number;
    updatedReplicas?: number;
  };
  return replicas - updatedReplicas;
}
function deadlineOf({ spec }: Rollout): number {
  return spec.progressDeadlineSeconds ?? usualDeadline;
}
function isPastDeadline(rollout: Rollout, progressing: Condition, now: number): boolean {
  if (deadlineOf(rollout) === noDeadline || progressing.reason === "NewReplicaSetAvailable") return false;
  return now > Date.parse(progressing.lastUpdateTime ?? "") + deadlineOf(rollout) * 1_000;
}
function deadlineAt(rollout: Rollout, conditions: readonly Condition[], now: number): number | undefined {
  const progressing = conditions.find((entry) => entry.type === "Progressing");
  if (progressing === undefined || deadlineOf(rollout) === noDeadline) return undefined;
  if (["NewReplicaSetAvailable", "ProgressDeadlineExceeded", "DeploymentPaused"].includes(progressing.reason ?? ""))
    return undefined;
  const at = Date.parse(progressing.lastUpdateTime ?? "") + deadlineOf(rollout) * 1_000 + 1_000;
  return Math.max(at, now + 1_000);
}

/** A replica set that cannot make pods is told on the Deployment too. */
function withFailure(conditions: Condition[], { newest }: Rollout, now: number): Condition[] {
  const failure = (newest === undefined ? [] : conditionsOf(newest)).find((entry) => entry.type === "ReplicaFailure");
  if (failure === undefined) return withoutCondition(conditions, "ReplicaFailure");
  return withCondition(conditions, failure, now).map(timed(now));
}
/** Conditions of Deployments also say when they were looked at last. */
function timed(now: number): (condition: Condition) => Condition {
  return (condition) =>
    condition.lastUpdateTime === undefined ? { ...condition, lastUpdateTime: seconds(now) } : condition;
}
