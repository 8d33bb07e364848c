import type { KubeObject } from "../../model/kubernetes.ts";
import type { Behaviour, Pull } from "./behaviour.ts";

interface ContainerSpec {
  readonly name: string;
  readonly image: string;
}
/** One pod the kubelet runs. Times in ms. */
export interface PodRun {
  readonly pod: KubeObject;
  readonly startedAt: number;
  readonly pulls: ReadonlyMap<string, Pull>;
  /** When the last pull was tried, and how often. */
  readonly pulledAt: number;
  readonly tries: number;
}
export interface PodStatus {
  readonly status: Record<string, unknown>;
  /** When the status changes by itself; undefined when it stays. */
  readonly nextAt: number | undefined;
}
const createMs = 100;
const firstBackOffMs = 1_000;
const maxBackOffMs = 20_000;
const jobRunMs = 600;

/** The status a pod has at a time: a function of what was pulled and how the images behave, as a real kubelet would write it. */
export function podStatus(run: PodRun, now: number): PodStatus {
  const spec = run.pod.spec as {
    containers: ContainerSpec[];
    initContainers?: ContainerSpec[];
    restartPolicy?: string;
  };
  const once = spec.restartPolicy === "Never" || spec.restartPolicy === "OnFailure";
  const inits = (spec.initContainers ?? []).map((container) => initStatus(run, container, now));
  const initialized = inits.every((entry) => entry.done);
  const containers = spec.containers.map((container) =>
    initialized ? containerStatus(run, container, now, once) : waiting(run, container, "PodInitializing"),
  );
  const all = [...inits, ...containers];
  const ready = initialized && containers.every((entry) => entry.ready);
  const ended = containers.every((entry) => entry.exit !== undefined);
  const failed = containers.some((entry) => entry.exit !== undefined && entry.exit !== 0);
  const phase =
    once && ended
      ? failed
        ? "Failed"
        : "Succeeded"
      : initialized && containers.some((entry) => entry.started)
        ? "Running"
        : "Pending";
  const at = new Date(run.startedAt).toISOString().replace(/\.\d+Z$/, "Z");
  const condition = (type: string, status: boolean, reason?: string) => ({
    type,
    status: status ? "True" : "False",
    lastTransitionTime: at,
    ...(status || reason === undefined ? {} : { reason }),
  });
  const nextAt = Math.min(...all.map((entry) => entry.nextAt ?? Infinity));
  return {
    status: {
      phase,
      startTime: at,
      podIP: "10.0.0.1",
      hostIP: "127.0.0.1",
      conditions: [
        condition("Initialized", initialized, "ContainersNotInitialized"),
        condition("Ready", ready, once && ended ? "PodCompleted" : "ContainersNotReady"),
        condition("ContainersReady", ready, "ContainersNotReady"),
        condition("PodScheduled", true),
      ],
      ...(inits.length === 0 ? {} : { initContainerStatuses: inits.map((entry) => entry.status) }),
      containerStatuses: containers.map((entry) => entry.status),
    },
    nextAt: nextAt === Infinity || nextAt <= now ? undefined : nextAt,
  };
}

interface One {
  readonly status: Record<string, unknown>;
  readonly ready: boolean;
  readonly started: boolean;
  readonly done: boolean;
  readonly exit?: number;
  readonly nextAt?: number;
}

function base(run: PodRun, container: ContainerSpec): Record<string, unknown> {
  const pull = run.pulls.get(container.image);
  const name = container.image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  return {
    name: container.name,
    image: container.image,
    imageID: pull?.found ? `${name}@${pull.digest}` : "",
    restartCount: 0,
    lastState: {},
  };
}
function waiting(
  run: PodRun,
  container: ContainerSpec,
  reason: string,
  message?: string,
  extra: object = {},
  nextAt?: number,
): One {
  const state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
  return {
    status: { ...base(run, container), ready: false, started: false, state, ...extra },
    ready: false,
    started: false,
    done: false,
    ...(nextAt === undefined ? {} : { nextAt }),
  };
}

/** Waiting for its image, or the error of the pull; undefined once it is there. */
function pulling(run: PodRun, container: ContainerSpec, now: number): One | undefined {
  const begin = run.startedAt + createMs;
  if (now < begin) return waiting(run, container, "ContainerCreating", undefined, {}, begin);
  const pull = run.pulls.get(container.image);
  if (pull === undefined) return waiting(run, container, "ContainerCreating");
  if (pull.found) return undefined;
  const backOffAt = run.pulledAt + 800;
  return now < backOffAt
    ? waiting(run, container, "ErrImagePull", pull.message, {}, backOffAt)
    : waiting(
        run,
        container,
        "ImagePullBackOff",
        `Back-off pulling image "${container.image}": ErrImagePull: ${pull.message}`,
      );
}

function initStatus(run: PodRun, container: ContainerSpec, now: number): One {
  const early = pulling(run, container, now);
  if (early !== undefined) return early;
  const at = new Date(run.startedAt).toISOString();
  const state = { terminated: { exitCode: 0, reason: "Completed", startedAt: at, finishedAt: at } };
  return {
    status: { ...base(run, container), ready: true, started: false, state },
    ready: true,
    started: true,
    done: true,
  };
}

function containerStatus(run: PodRun, container: ContainerSpec, now: number, once: boolean): One {
  const early = pulling(run, container, now);
  if (early !== undefined) return early;
  const pull = run.pulls.get(container.image) as Extract<Pull, { found: true }>;
  const begin = Math.max(run.startedAt + createMs, run.pulledAt);
  return once
    ? runOnce(run, container, pull.behaviour, begin, now)
    : runForever(run, container, pull.behaviour, begin, now);
}

function runOnce(run: PodRun, container: ContainerSpec, behaviour: Behaviour, begin: number, now: number): One {
  const exit = behaviour.crashAfter === undefined ? 0 : 1;
  const end = begin + (behaviour.crashAfter ?? jobRunMs);
  const startedAt = new Date(begin).toISOString();
  if (now < end)
    return {
      status: { ...base(run, container), ready: true, started: true, state: { running: { startedAt } } },
      ready: true,
      started: true,
      done: false,
      nextAt: end,
    };
  const state = {
    terminated: {
      exitCode: exit,
      reason: exit === 0 ? "Completed" : "Error",
      startedAt,
      finishedAt: new Date(end).toISOString(),
    },
  };
  return {
    status: { ...base(run, container), ready: false, started: false, state },
    ready: false,
    started: true,
    done: true,
    exit,
  };
}

/** A container that is started again after each crash, each time after a longer pause. */
function runForever(run: PodRun, container: ContainerSpec, behaviour: Behaviour, begin: number, now: number): One {
  let start = begin;
  let restarts = 0;
  let backOff = firstBackOffMs;
  let lastState: object = {};
  for (;;) {
    const crash = behaviour.crashAfter === undefined ? Infinity : start + behaviour.crashAfter;
    if (now < crash) {
      const readyAt = behaviour.readyAfter === undefined ? Infinity : start + behaviour.readyAfter;
      const ready = now >= readyAt;
      const next = Math.min(crash, ready ? Infinity : readyAt);
      const state = { running: { startedAt: new Date(start).toISOString().replace(/\.\d+Z$/, "Z") } };
      return {
        status: { ...base(run, container), ready, started: true, restartCount: restarts, state, lastState },
        ready,
        started: true,
        done: false,
        ...(next === Infinity ? {} : { nextAt: next }),
      };
    }
    const finishedAt = new Date(crash).toISOString().replace(/\.\d+Z$/, "Z");
    lastState = {
      terminated: {
        exitCode: 1,
        reason: "Error",
        message: "panic: this version is broken on purpose",
        startedAt: new Date(start).toISOString().replace(/\.\d+Z$/, "Z"),
        finishedAt,
      },
    };
    const again = crash + backOff;
    if (now < again) {
      const message = `back-off ${Math.round(backOff / 1_000)}s restarting failed container=${container.name}`;
      return {
        ...waiting(run, container, "CrashLoopBackOff", message, { restartCount: restarts, lastState }, again),
        started: true,
      };
    }
    restarts++;
    backOff = Math.min(backOff * 2, maxBackOffMs);
    start = again;
  }
}

/** How long to wait before the next try to pull. */
export function pullBackOff(tries: number): number {
  return Math.min(maxBackOffMs, firstBackOffMs * 2 ** tries);
}
