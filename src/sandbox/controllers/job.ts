import type { KubeObject } from "../../model/kubernetes.ts";
import { type Action, type Controller, type Decision, kinds, type View } from "./controller.ts";
import { isActive, isReady, isTerminating, phaseOf, podFrom, removal, restartsOf } from "./pods.ts";
import {
  type Condition,
  conditionsOf,
  type PodTemplate,
  seconds,
  specOf,
  statusOf,
  suffix,
  withCondition,
  withoutCondition,
  withoutZeros,
} from "./shapes.ts";

export interface JobSpec {
  readonly completions?: number;
  readonly parallelism?: number;
  readonly backoffLimit?: number;
  readonly activeDeadlineSeconds?: number;
  readonly ttlSecondsAfterFinished?: number;
  readonly suspend?: boolean;
  readonly template: PodTemplate;
}
interface JobStatus {
  readonly startTime: string;
  readonly completionTime: string;
  readonly succeeded: number;
  readonly failed: number;
}
/** Kubernetes waits 10 s after the first failure; the trial is in more of a hurry. */
const firstPauseMs = 2_000;
const longestPauseMs = 360_000;

/** Runs pods until enough of them have succeeded, or too many failed. */
export const jobController: Controller = {
  name: "job-controller",
  kind: kinds.job,
  owns: [kinds.pod],
  decide(job, view): Decision {
    if (endOf(job) !== undefined) return afterEnd(job, view);
    const run = runOf(job, view);
    const end = outcome(run, view.now);
    if (end !== undefined) return finish(run, end, view);
    const isSuspended = run.spec.suspend === true;
    const { actions, nextAt } = isSuspended ? { actions: run.active.map(removal), nextAt: undefined } : pods(run, view);
    const lookAgainAt = Math.min(nextAt ?? Infinity, deadlineOf(run) ?? Infinity);
    const known = conditionsOf(job);
    const conditions = isSuspended
      ? withCondition(
          known,
          {
            type: "Suspended",
            status: "True",
            reason: "JobSuspended",
            message: "Job suspended",
          },
          view.now,
        )
      : withoutCondition(known, "Suspended");
    return {
      actions: isTerminating(job) ? [] : actions,
      status: statusFor(run, conditions, isSuspended ? undefined : run.startTime),
      ...(lookAgainAt === Infinity ? {} : { lookAgainAt }),
    };
  },
};

interface Run {
  readonly job: KubeObject;
  readonly spec: JobSpec;
  readonly startTime: string;
  readonly active: readonly KubeObject[];
  readonly succeeded: number;
  readonly failures: readonly KubeObject[];
  readonly failed: number;
}
type End = Pick<Condition, "type" | "reason" | "message">;

function runOf(job: KubeObject, view: View): Run {
  const owned = view.owned(kinds.pod, job);
  const old = statusOf<JobStatus>(job);
  const failures = owned.filter((pod) => phaseOf(pod) === "Failed");
  const succeeded = owned.filter((pod) => phaseOf(pod) === "Succeeded").length;
  return {
    job,
    spec: specOf<JobSpec>(job),
    startTime: old.startTime ?? seconds(view.now),
    active: owned.filter(isActive),
    // What was counted stays counted when its pod is removed.
    succeeded: Math.max(succeeded, old.succeeded ?? 0),
    failures,
    failed: Math.max(failures.length, old.failed ?? 0),
  };
}
function completionsOf({ spec }: Run): number | undefined {
  return spec.completions ?? (spec.parallelism === undefined ? 1 : undefined);
}
function deadlineOf({ spec, startTime }: Run): number | undefined {
  return spec.activeDeadlineSeconds === undefined
    ? undefined
    : Date.parse(startTime) + spec.activeDeadlineSeconds * 1_000;
}

function outcome(run: Run, now: number): End | undefined {
  const completions = completionsOf(run);
  const isDone =
    completions === undefined ? run.succeeded > 0 && run.active.length === 0 : run.succeeded >= completions;
  if (isDone)
    return {
      type: "Complete",
      reason: "CompletionsReached",
      message: "Reached expected number of succeeded pods",
    };
  const limit = run.spec.backoffLimit ?? 6;
  const restarts = run.active.reduce((sum, pod) => sum + restartsOf(pod), 0);
  if (run.failed > limit || (restarts > 0 && restarts >= limit))
    return {
      type: "Failed",
      reason: "BackoffLimitExceeded",
      message: "Job has reached the specified backoff limit",
    };
  if ((deadlineOf(run) ?? Infinity) <= now && run.spec.suspend !== true)
    return {
      type: "Failed",
      reason: "DeadlineExceeded",
      message: "Job was active longer than specified deadline",
    };
  return undefined;
}

function pods(run: Run, view: View): { actions: Action[]; nextAt?: number } {
  const parallelism = run.spec.parallelism ?? 1;
  const completions = completionsOf(run);
  const want =
    completions === undefined
      ? run.succeeded > 0
        ? Math.min(run.active.length, parallelism)
        : parallelism
      : Math.min(parallelism, completions - run.succeeded);
  const missing = want - run.active.length;
  if (missing < 0) return { actions: run.active.slice(0, -missing).map(removal) };
  const mayStartAt = pauseEnd(run);
  if (missing === 0 || mayStartAt > view.now) return { actions: [], ...(missing === 0 ? {} : { nextAt: mayStartAt }) };
  return { actions: Array.from({ length: missing }, () => create(run, view)) };
}

/** After a failure the next pod waits, twice as long each time. */
function pauseEnd({ failures }: Run): number {
  if (failures.length === 0) return 0;
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures.length - 1));
  return Math.max(...failures.map(endedAt)) + pause;
}
interface Ended {
  readonly containerStatuses: readonly {
    readonly state?: { readonly terminated?: { readonly finishedAt?: string } };
  }[];
}
function endedAt(pod: KubeObject): number {
  const times = (statusOf<Ended>(pod).containerStatuses ?? []).map((entry) =>
    Date.parse(entry.state?.terminated?.finishedAt ?? ""),
  );
  return Math.max(0, ...times.filter((time) => !Number.isNaN(time)));
}

function finish(run: Run, end: End, view: View): Decision {
  const herald = end.type === "Complete" ? "SuccessCriteriaMet" : "FailureTarget";
  const heralded = withCondition(conditionsOf(run.job), { ...end, type: herald, status: "True" }, view.now);
  const conditions = withCondition(heralded, { ...end, status: "True" }, view.now);
  const completed = end.type === "Complete" ? { completionTime: seconds(view.now) } : {};
  const event =
    end.type === "Complete"
      ? ({
          type: "Normal",
          reason: "Completed",
          message: "Job completed",
        } as const)
      : ({
          type: "Warning",
          reason: end.reason ?? end.type,
          message: end.message ?? "",
        } as const);
  return {
    actions: [...run.active.map(removal), { do: "tell", event }],
    status: {
      ...statusFor({ ...run, active: [] }, conditions, run.startTime),
      ...completed,
    },
  };
}

/** What has ended stays, until its time to live is over. */
function afterEnd(job: KubeObject, view: View): Decision {
  const ttl = specOf<JobSpec>(job).ttlSecondsAfterFinished;
  if (ttl === undefined || isTerminating(job)) return { actions: [] };
  const at = Date.parse(endOf(job)?.lastTransitionTime ?? "") + ttl * 1_000;
  return at > view.now ? { actions: [], lookAgainAt: at } : { actions: [{ do: "remove", object: job }] };
}

/** The condition that says how a Job ended; undefined while it has not. */
export function endOf(job: KubeObject): Condition | undefined {
  return conditionsOf(job).find((entry) => ["Complete", "Failed"].includes(entry.type) && entry.status === "True");
}

function statusFor(run: Run, conditions: readonly Condition[], startTime: string | undefined): Record<string, unknown> {
  return {
    ...withoutZeros({
      active: run.active.length,
      succeeded: run.succeeded,
      failed: run.failed,
      startTime,
    }),
    ready: run.active.filter(isReady).length,
    terminating: 0,
    uncountedTerminatedPods: {},
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

function create({ job, spec }: Run, view: View): Action {
  const { name, uid = "" } = job.metadata;
  const generateName = `${name}-`;
  const podName = generateName + suffix(view.random);
  const labels = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  return {
    do: "create",
    object: podFrom(job, spec.template, {
      name: podName,
      generateName,
      labels,
    }),
    event: {
      type: "Normal",
      reason: "SuccessfulCreate",
      message: `Created pod: ${podName}`,
    },
  };
}
