import type { HealthSettings } from "../model/documents.ts";
import { groupKind, type KubeObject } from "../model/kubernetes.ts";
import type { Evidence, Verdict, VerdictState } from "../model/verdict.ts";
import { count, kstatus, replicas } from "./kstatus.ts";
import { type Trouble, troublesOf } from "./trouble.ts";

/** What must be remembered of a workload between two looks at it. Plain data; a new generation starts afresh. */
export interface HealthMemory {
  readonly generation: number | undefined;
  readonly uid: string | undefined;
  readonly state: VerdictState;
  readonly since: number;
  /** Clean without a break since then. */
  readonly cleanSince?: number;
  /** First trouble since the last clean settle. */
  readonly troubleSince?: number;
  /** Counters as last seen, and when they last moved forward. */
  readonly progress: string;
  readonly progressAt: number;
  readonly evidence: readonly Evidence[];
}
export interface Assessment {
  readonly verdict: Verdict;
  readonly memory: HealthMemory;
  /** When to look again though nothing changes. */
  readonly lookAgainAt?: number;
}

/**
 * The strict verdict (DESIGN 5.9): the object's own status and its pods must be clean, and stay so for `settle`. An
 * error that does not clear within `failAfter`, or no progress within the deadline, is a failure.
 */
export function assess(
  memory: HealthMemory | undefined,
  object: KubeObject | undefined,
  pods: readonly KubeObject[],
  settings: HealthSettings,
  now: number,
): Assessment {
  const fresh =
    memory === undefined || memory.generation !== object?.metadata.generation || memory.uid !== object?.metadata.uid;
  const old: HealthMemory = fresh
    ? {
        generation: object?.metadata.generation,
        uid: object?.metadata.uid,
        state: memory?.state ?? "unknown",
        since: memory?.since ?? now,
        progress: "",
        progressAt: now,
        evidence: [],
      }
    : memory;
  if (object === undefined)
    return conclude(old, { state: "missing", message: "not in the cluster" }, undefined, [], now);
  const status = kstatus(object);
  const troubles = troublesOf(pods, settings.settle, now);
  const evidence = dated(troubles, old.evidence, now);
  if (status.status === "Applied" && troubles.length === 0)
    return conclude(old, { state: "applied", message: status.message }, object, evidence, now);
  const clean = status.status === "Current" && troubles.length === 0;
  return clean
    ? whenClean(old, object, status.message, settings, now)
    : whenNot(old, object, status, evidence, settings, now);
}

function whenClean(
  old: HealthMemory,
  object: KubeObject,
  message: string,
  settings: HealthSettings,
  now: number,
): Assessment {
  const cleanSince = old.cleanSince ?? now;
  const settlesAt = cleanSince + settings.settle;
  const next = { ...old, cleanSince };
  if (now >= settlesAt) {
    const { troubleSince: _, ...forgiven } = next;
    return conclude(forgiven, { state: "healthy", message }, object, [], now);
  }
  return conclude(
    next,
    { state: "rolling out", message: `${message}, settling`, settlesAt },
    object,
    [],
    now,
    settlesAt,
  );
}

function whenNot(
  old: HealthMemory,
  object: KubeObject,
  status: { status: string; message: string },
  evidence: readonly Evidence[],
  settings: HealthSettings,
  now: number,
): Assessment {
  const { cleanSince: _, ...rest } = old;
  const progress = progressOf(object);
  const moved = progress !== old.progress;
  const troubleSince = old.troubleSince ?? (evidence.length > 0 ? now : undefined);
  const next: HealthMemory = {
    ...rest,
    progress,
    progressAt: moved ? now : old.progressAt,
    ...(troubleSince === undefined ? {} : { troubleSince }),
  };
  const seconds = (object.spec as { progressDeadlineSeconds?: number } | undefined)?.progressDeadlineSeconds;
  const deadline = Math.min(settings.deadline, seconds === undefined ? Infinity : seconds * 1_000);
  const stuckAt = next.progressAt + deadline;
  const failsAt =
    evidence.length > 0 && troubleSince !== undefined ? Math.min(troubleSince + settings.failAfter, stuckAt) : stuckAt;
  const told =
    evidence.length > 0
      ? evidence
      : [{ object: object.metadata.name, reason: "NoProgress", message: status.message, since: next.progressAt }];
  const message = evidence[0] === undefined ? status.message : `${evidence[0].reason}: ${evidence[0].message}`;
  if (status.status === "Failed" || now >= failsAt || (old.state === "failed" && !moved))
    return conclude(next, { state: "failed", message }, object, told, now);
  return conclude(
    next,
    { state: "rolling out", message, ...(evidence.length > 0 ? { failsAt } : {}) },
    object,
    evidence,
    now,
    failsAt,
  );
}

function conclude(
  memory: HealthMemory,
  verdict: { state: VerdictState; message: string; settlesAt?: number; failsAt?: number },
  object: KubeObject | undefined,
  evidence: readonly Evidence[],
  now: number,
  lookAgainAt?: number,
): Assessment {
  const since = memory.state === verdict.state ? memory.since : now;
  return {
    memory: { ...memory, state: verdict.state, since, evidence },
    verdict: { ...verdict, since, evidence: [...evidence], ...countersOf(object) },
    ...(lookAgainAt === undefined ? {} : { lookAgainAt }),
  };
}

/** Trouble keeps the time it was first seen, by object: ErrImagePull and ImagePullBackOff take turns. */
function dated(troubles: readonly Trouble[], before: readonly Evidence[], now: number): Evidence[] {
  return troubles.slice(0, 8).map((trouble) => ({
    ...trouble,
    message: trouble.message.slice(0, 500),
    since: before.find((entry) => entry.object === trouble.object)?.since ?? now,
  }));
}

function countersOf(object: KubeObject | undefined): Pick<Verdict, "desired" | "updated" | "ready" | "available"> {
  if (object === undefined) return { desired: 0, updated: 0, ready: 0, available: 0 };
  const kind = groupKind(object);
  if (kind === "apps/DaemonSet")
    return {
      desired: count(object, "desiredNumberScheduled"),
      updated: count(object, "updatedNumberScheduled"),
      ready: count(object, "numberReady"),
      available: count(object, "numberAvailable"),
    };
  if (kind === "apps/Deployment" || kind === "apps/StatefulSet" || kind === "apps/ReplicaSet")
    return {
      desired: replicas(object),
      updated: kind === "apps/ReplicaSet" ? count(object, "replicas") : count(object, "updatedReplicas"),
      ready: count(object, "readyReplicas"),
      available: count(object, "availableReplicas"),
    };
  return { desired: 0, updated: 0, ready: 0, available: 0 };
}

function progressOf(object: KubeObject): string {
  const { updated, ready, available } = countersOf(object);
  return `${updated}/${ready}/${available}/${count(object, "replicas")}`;
}
