import type { HealthSettings } from "../model/documents.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import type { Evidence, Verdict, VerdictState } from "../model/verdict.ts";
import { judged } from "./pods.ts";
import { countersOf, progressOf } from "./progress.ts";
import { ownTroubles, type Restarts, seeRestarts, type Trouble, troublesOf, unready } from "./trouble.ts";

/** What must be remembered of a workload between two looks at it. Plain data; a new generation starts afresh. */
export interface HealthMemory {
  readonly generation: number | undefined;
  readonly uid: string | undefined;
  readonly state: VerdictState;
  readonly since: number;
  /** Clean without a break since then. */
  readonly cleanSince?: number;
  /** First trouble since the last settle without any. */
  readonly troubleSince?: number;
  /** No trouble since then, though the rollout may not be through. */
  readonly quietSince?: number;
  /** The farthest the rollout got, and when it got there. */
  readonly progress: number;
  readonly progressAt: number;
  readonly evidence: readonly Evidence[];
  readonly restarts: Restarts;
}
export interface Assessment {
  readonly verdict: Verdict;
  readonly memory: HealthMemory;
  /** When to look again though nothing changes. */
  readonly lookAgainAt?: number;
}
/** One look at a workload. */
interface Look {
  readonly object: KubeObject;
  readonly settings: HealthSettings;
  readonly now: number;
  readonly status: string;
  readonly message: string;
  /** Troubles that count. */
  readonly troubles: readonly Evidence[];
  /** What to show when there is no such trouble. */
  readonly noted: readonly Evidence[];
  readonly unready: readonly Evidence[];
  /** When the troubles change by themselves. */
  readonly nextAt: number | undefined;
}

/**
 * The strict verdict (DESIGN 5.9): the object's own status and its pods must be clean, and stay so for `settle`. An
 * error that is not followed by a clean settle within `failAfter`, or no progress within the deadline, is a failure.
 */
export function assess(
  memory: HealthMemory | undefined,
  object: KubeObject | undefined,
  pods: readonly KubeObject[],
  settings: HealthSettings,
  now: number,
): Assessment {
  const old = recall(memory, object, pods, now);
  if (object === undefined)
    return conclude(old, { state: "missing", message: "not in the cluster" }, undefined, [], now);
  const seen = judged(object, pods);
  const counting = troublesOf(seen.pods, old.restarts, settings.settle, now);
  const date = (troubles: readonly Trouble[]) => dated(troubles, old.evidence, now);
  const look: Look = {
    object,
    settings,
    now,
    ...seen.status,
    troubles: date([...ownTroubles(object), ...counting.troubles]),
    noted: date(troublesOf(seen.noted, {}, 0, now).troubles),
    unready: date(unready(seen.pods)),
    nextAt: counting.nextAt,
  };
  const timed = withTrouble(old, look);
  if (look.troubles.length === 0) {
    if (look.status === "Applied") return whenApplied(timed, look);
    if (look.status === "Current") return whenClean(timed, look);
  }
  return whenNot(timed, look);
}

/** Trouble counts from when it was first seen, until there was none for `settle`. */
function withTrouble(old: HealthMemory, { troubles, settings, now }: Look): HealthMemory {
  const { troubleSince, quietSince, ...rest } = old;
  if (troubles.length > 0) return { ...rest, troubleSince: troubleSince ?? now };
  const quiet = quietSince ?? now;
  const isForgiven = troubleSince === undefined || now - quiet >= settings.settle;
  return { ...rest, quietSince: quiet, ...(isForgiven ? {} : { troubleSince }) };
}

/** The memory to go by: a new generation or another object of the name forgets all but the restarts seen. */
function recall(
  memory: HealthMemory | undefined,
  object: KubeObject | undefined,
  pods: readonly KubeObject[],
  now: number,
): HealthMemory {
  const uid = object?.metadata.uid;
  const generation = object?.metadata.generation;
  const restarts = seeRestarts(memory?.uid === uid ? memory?.restarts : undefined, pods, now);
  if (memory !== undefined && memory.generation === generation && memory.uid === uid) return { ...memory, restarts };
  const state = memory?.state ?? "unknown";
  const since = memory?.since ?? now;
  return { generation, uid, state, since, progress: Number.MIN_SAFE_INTEGER, progressAt: now, evidence: [], restarts };
}

function whenApplied(old: HealthMemory, { object, message, now }: Look): Assessment {
  const { cleanSince: _, ...calm } = old;
  return conclude({ ...calm, progressAt: now }, { state: "applied", message }, object, [], now);
}

function whenClean(old: HealthMemory, { object, message, settings, now, nextAt }: Look): Assessment {
  const cleanSince = old.cleanSince ?? now;
  const settlesAt = cleanSince + settings.settle;
  const next = { ...old, cleanSince, progressAt: now };
  if (now >= settlesAt) return conclude(next, { state: "healthy", message }, object, [], now, nextAt);
  const verdict = { state: "rolling out", message: `${message}, settling`, settlesAt } as const;
  return conclude(next, verdict, object, [], now, earliest(settlesAt, nextAt));
}

function whenNot(old: HealthMemory, look: Look): Assessment {
  const { object, settings, now, troubles } = look;
  const { cleanSince, ...rest } = old;
  const { troubleSince } = old;
  const next: HealthMemory = { ...rest, ...moved(old, object, cleanSince !== undefined, now) };
  const stuckAt = next.progressAt + deadlineOf(object, settings);
  const failsAt = Math.min(troubleSince === undefined ? Infinity : troubleSince + settings.failAfter, stuckAt);
  if (look.status === "Failed" || now >= failsAt) {
    const evidence = evidenceOfFailure(look, old, next.progressAt);
    const message = look.status === "Failed" && troubles.length === 0 ? look.message : spoken(evidence[0]!);
    return conclude(next, { state: "failed", message }, object, evidence, now, look.nextAt);
  }
  const told = troubles.length > 0 ? troubles : look.noted;
  const message = troubles[0] === undefined ? look.message : spoken(troubles[0]);
  const verdict = { state: "rolling out", message, ...(troubles.length > 0 ? { failsAt } : {}) } as const;
  return conclude(next, verdict, object, told, now, earliest(failsAt, look.nextAt));
}

/** What is wrong now; else what was wrong last; else what did not get ready. Never nothing. */
function evidenceOfFailure(look: Look, old: HealthMemory, stuckSince: number): readonly Evidence[] {
  const { object, troubles, noted } = look;
  if (troubles.length > 0) return troubles;
  if (noted.length > 0) return noted;
  const lasting = old.troubleSince !== undefined && old.evidence.length > 0;
  if (lasting) return old.evidence;
  const reason = look.status === "Failed" ? "Failed" : "NoProgress";
  const stuck = { object: object.metadata.name, reason, message: look.message, since: stuckSince };
  return [...look.unready, stuck];
}

function moved(
  old: HealthMemory,
  object: KubeObject,
  wasClean: boolean,
  now: number,
): Pick<HealthMemory, "progress" | "progressAt"> {
  const progress = progressOf(object);
  // What was clean until now starts to count from here: an old success is no lack of progress.
  if (wasClean) return { progress: progress ?? Number.MIN_SAFE_INTEGER, progressAt: now };
  if (progress !== undefined && progress > old.progress) return { progress, progressAt: now };
  return { progress: old.progress, progressAt: old.progressAt };
}

function deadlineOf(object: KubeObject, settings: HealthSettings): number {
  const seconds = (object.spec as { progressDeadlineSeconds?: number } | undefined)?.progressDeadlineSeconds;
  return Math.min(settings.deadline, seconds === undefined ? Infinity : seconds * 1_000);
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
  return troubles.slice(0, 8).map(({ object, reason, message }) => ({
    object,
    reason,
    message: message.slice(0, 500),
    since: before.find((entry) => entry.object === object)?.since ?? now,
  }));
}
function spoken({ reason, message }: Evidence): string {
  return reason === "NoProgress" ? `no progress: ${message}` : `${reason}: ${message}`;
}
function earliest(a: number, b: number | undefined): number {
  return Math.min(a, b ?? Infinity);
}
