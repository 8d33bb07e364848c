import type { Behaviour, Pull } from "./behaviour.ts";

/** How one container of a pod came by its image, and when it may start. Times in ms. */
export interface ContainerRun {
  readonly name: string;
  readonly image: string;
  /** `name_namespace(uid)`, as kubelet messages name a pod. */
  readonly pod: string;
  readonly pull: Pull | undefined;
  readonly pulledAt: number;
  readonly begin: number;
  /** What is done when it ends: started again always, after an error, or never. */
  readonly restart: "always" | "on failure" | "never";
  /** How long it runs until it ends well; undefined for one that serves for ever. */
  readonly endsAfter: number | undefined;
}
/** A container at one instant. */
export interface ContainerState {
  readonly status: Readonly<Record<string, unknown>>;
  readonly ready: boolean;
  /** When `ready` last changed; undefined while it never did. */
  readonly readyChangedAt?: number;
  readonly started: boolean;
  /** Present when it ended for good. */
  readonly exit?: { readonly code: number; readonly at: number };
  /** When the state changes by itself. */
  readonly nextAt?: number;
}
const firstBackOffMs = 1_000;
const maxBackOffMs = 20_000;
/** How long an end is shown before anything follows it. */
const noticeMs = 100;
/** How long a failed pull is shown as such before it is a back-off. */
const pullErrorMs = 800;

/** How long to wait before the next try to pull, after so many. */
export function pullBackOff(tries: number): number {
  return Math.min(maxBackOffMs, firstBackOffMs * 2 ** tries);
}

/** A container that waits for a reason that is no error of its own. */
export function waiting(run: ContainerRun, reason: string, nextAt?: number): ContainerState {
  return wait(run, { reason }, {}, nextAt);
}

/** The state a container has at a time: a function of its pull, its start and how its image behaves. */
export function containerAt(run: ContainerRun, now: number): ContainerState {
  const { pull } = run;
  if (pull === undefined) return waiting(run, "ContainerCreating");
  if (!pull.found) {
    const backOffAt = run.pulledAt + pullErrorMs;
    if (now < backOffAt) return wait(run, { reason: "ErrImagePull", message: pull.message }, {}, backOffAt);
    const message = `Back-off pulling image "${run.image}": ErrImagePull: ${pull.message}`;
    return wait(run, { reason: "ImagePullBackOff", message });
  }
  if (now < run.begin) return waiting(run, "ContainerCreating", run.begin);
  return lifeAt(run, pull.behaviour, now);
}

function lifeAt(run: ContainerRun, behaviour: Behaviour, now: number): ContainerState {
  let start = run.begin;
  let backOff = firstBackOffMs;
  let last: { lastState?: object } = {};
  for (let restartCount = 0; ; restartCount++) {
    const end = endOf(run, behaviour, start);
    const seen = { restartCount, ...last };
    if (end === undefined || now < end.at) return running(run, behaviour, start, end?.at, seen, now);
    const terminated = {
      exitCode: end.code,
      reason: end.code === 0 ? "Completed" : "Error",
      ...(end.code === 0 ? {} : { message: "panic: this version is broken on purpose" }),
      startedAt: seconds(start),
      finishedAt: seconds(end.at),
    };
    const wasReady = behaviour.readyAfter !== undefined && start + behaviour.readyAfter <= end.at;
    const changed = wasReady || run.endsAfter !== undefined ? { readyChangedAt: end.at } : {};
    const ended = { ...changed, ready: false, started: true };
    const final = run.restart === "never" || (run.restart === "on failure" && end.code === 0);
    const status = { ...base(run), ...seen, ready: false, started: false, state: { terminated } };
    if (final) return { ...ended, status, exit: end };
    last = { lastState: { terminated } };
    // As with a real kubelet the first restart follows at once, the others after a growing pause.
    const again = end.at + noticeMs + (restartCount === 0 ? 0 : backOff);
    if (now < end.at + noticeMs) return { ...ended, status, nextAt: end.at + noticeMs };
    if (now < again) {
      const reason = "CrashLoopBackOff";
      const message = `back-off ${Math.round(backOff / 1_000)}s restarting failed container=${run.name} pod=${run.pod}`;
      return { ...wait(run, { reason, message }, { restartCount, ...last }, again), ...ended };
    }
    if (restartCount > 0) backOff = Math.min(backOff * 2, maxBackOffMs);
    start = again;
  }
}

function endOf(run: ContainerRun, behaviour: Behaviour, start: number): { code: number; at: number } | undefined {
  if (behaviour.crashAfter !== undefined) return { code: 1, at: start + behaviour.crashAfter };
  return run.endsAfter === undefined ? undefined : { code: 0, at: start + run.endsAfter };
}

function running(
  run: ContainerRun,
  behaviour: Behaviour,
  start: number,
  end: number | undefined,
  seen: object,
  now: number,
): ContainerState {
  // What is to end counts as ready while it runs: it has no readiness to speak of.
  const readyAt = run.endsAfter !== undefined ? start : start + (behaviour.readyAfter ?? Infinity);
  const ready = now >= readyAt;
  const nextAt = Math.min(end ?? Infinity, ready ? Infinity : readyAt);
  const state = { running: { startedAt: seconds(start) } };
  return {
    status: { ...base(run), ...seen, ready, started: true, state },
    ready,
    ...(ready ? { readyChangedAt: readyAt } : {}),
    started: true,
    ...(nextAt === Infinity ? {} : { nextAt }),
  };
}

function wait(
  run: ContainerRun,
  state: { reason: string; message?: string },
  seen: object = {},
  nextAt?: number,
): ContainerState {
  return {
    status: { ...base(run), ...seen, ready: false, started: false, state: { waiting: state } },
    ready: false,
    started: false,
    ...(nextAt === undefined ? {} : { nextAt }),
  };
}

function base({ name, image, pull }: ContainerRun): Record<string, unknown> {
  const repository = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const imageID = pull?.found ? `${repository}@${pull.digest}` : "";
  return { name, image, imageID, restartCount: 0, lastState: {} };
}

/** A time as Kubernetes writes it: whole seconds, UTC. */
export function seconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
