import type { KubeObject } from "../../model/kubernetes.ts";
import { type Action, type Controller, type Decision, kinds, type View } from "./controller.ts";
import { endOf, type JobSpec } from "./job.ts";
import { isTerminating } from "./pods.ts";
import { nextAfter, parseSchedule, type Schedule } from "./schedule.ts";
import { controllerReference, createdAt, seconds, specOf, statusOf } from "./shapes.ts";

interface CronJobSpec {
  readonly schedule: string;
  readonly suspend?: boolean;
  readonly concurrencyPolicy?: string;
  readonly startingDeadlineSeconds?: number;
  readonly successfulJobsHistoryLimit?: number;
  readonly failedJobsHistoryLimit?: number;
  readonly jobTemplate: {
    readonly metadata?: { readonly labels?: Record<string, string> };
    readonly spec: JobSpec;
  };
}
interface CronJobStatus {
  readonly lastScheduleTime: string;
  readonly lastSuccessfulTime: string;
}
/** Runs missed by more than this many are not looked at one by one. */
const mostMissed = 100;

/** Starts a Job whenever its schedule says so, by UTC, and keeps a short history. */
export const cronJobController: Controller = {
  name: "cronjob-controller",
  kind: kinds.cronJob,
  owns: [kinds.job],
  decide(cron, view): Decision {
    const spec = specOf<CronJobSpec>(cron);
    const jobs = view.owned(kinds.job, cron).filter((job) => !isTerminating(job));
    const schedule = parseSchedule(spec.schedule);
    const cleaning = expired(spec, jobs);
    if (isTerminating(cron) || spec.suspend === true || schedule === undefined)
      return {
        actions: isTerminating(cron) ? [] : cleaning,
        status: statusFor(cron, jobs),
      };
    const last = Date.parse(statusOf<CronJobStatus>(cron).lastScheduleTime ?? "") || createdAt(cron);
    const due = lastDue(schedule, last, view.now);
    const lookAgainAt = nextAfter(schedule, view.now);
    const again = lookAgainAt === undefined ? {} : { lookAgainAt };
    const run = due === undefined ? undefined : start(cron, spec, jobs, due, view);
    return {
      actions: [...cleaning, ...(run?.actions ?? [])],
      status: statusFor(cron, jobs, run?.isTaken ? due : undefined),
      ...again,
    };
  },
};

/** The newest time that passed since the last run; older ones are not made up for. */
function lastDue(schedule: Schedule, last: number, now: number): number | undefined {
  let due: number | undefined;
  let next = nextAfter(schedule, last);
  for (let count = 0; next !== undefined && next <= now; count++) {
    due = next;
    next = nextAfter(schedule, count < mostMissed ? next : Math.max(next, now - 3_600_000));
  }
  return due;
}

function start(
  cron: KubeObject,
  spec: CronJobSpec,
  jobs: readonly KubeObject[],
  due: number,
  view: View,
): { actions: Action[]; isTaken: boolean } {
  const name = `${cron.metadata.name}-${Math.floor(due / 60_000)}`;
  const running = jobs.filter((job) => endOf(job) === undefined);
  const deadline = spec.startingDeadlineSeconds;
  if (jobs.some((job) => job.metadata.name === name)) return { actions: [], isTaken: true };
  if (deadline !== undefined && view.now > due + deadline * 1_000) return { actions: [], isTaken: true };
  if (spec.concurrencyPolicy === "Forbid" && running.length > 0) {
    const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
    return {
      actions: [
        {
          do: "tell",
          event: { type: "Normal", reason: "JobAlreadyActive", message },
        },
      ],
      isTaken: false,
    };
  }
  const replaced: Action[] =
    spec.concurrencyPolicy === "Replace" ? running.map((object) => ({ do: "remove", object })) : [];
  return {
    actions: [...replaced, create(cron, spec, name, due)],
    isTaken: true,
  };
}

function create(cron: KubeObject, spec: CronJobSpec, name: string, due: number): Action {
  const { namespace } = cron.metadata;
  const labels = spec.jobTemplate.metadata?.labels;
  const object: KubeObject = {
    ...kinds.job,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      annotations: {
        "batch.kubernetes.io/cronjob-scheduled-timestamp": seconds(due),
      },
      ownerReferences: [controllerReference(cron)],
    },
    spec: spec.jobTemplate.spec,
  };
  return {
    do: "create",
    object,
    event: {
      type: "Normal",
      reason: "SuccessfulCreate",
      message: `Created job ${name}`,
    },
  };
}

function expired(spec: CronJobSpec, jobs: readonly KubeObject[]): Action[] {
  const ended = (type: string, kept: number): Action[] =>
    jobs
      .filter((job) => endOf(job)?.type === type)
      .sort((a, b) => createdAt(b) - createdAt(a))
      .slice(kept)
      .map((object) => ({ do: "remove", object }));
  return [
    ...ended("Complete", spec.successfulJobsHistoryLimit ?? 3),
    ...ended("Failed", spec.failedJobsHistoryLimit ?? 1),
  ];
}

function statusFor(cron: KubeObject, jobs: readonly KubeObject[], due?: number): Record<string, unknown> {
  const old = statusOf<CronJobStatus>(cron);
  const active = jobs
    .filter((job) => endOf(job) === undefined)
    .map(({ apiVersion, kind, metadata: { name, namespace, uid } }) => ({
      apiVersion,
      kind,
      name,
      namespace,
      uid,
    }));
  const succeeded = jobs
    .map((job) => statusOf<{ completionTime: string }>(job).completionTime)
    .filter((time) => time !== undefined)
    .sort();
  const lastSuccessfulTime = succeeded.at(-1) ?? old.lastSuccessfulTime;
  const lastScheduleTime = due === undefined ? old.lastScheduleTime : seconds(due);
  return {
    ...(active.length === 0 ? {} : { active }),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
}
