import { createHash } from "node:crypto";
import type { KubeObject } from "../../model/kubernetes.ts";
import type { Pull } from "./behaviour.ts";
import { type ContainerRun, type ContainerState, containerAt, seconds, waiting } from "./container.ts";

interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  /** `Always` on an init container makes it one that runs beside the others. */
  readonly restartPolicy?: string;
}
interface PodSpec {
  readonly containers: readonly ContainerSpec[];
  readonly initContainers?: readonly ContainerSpec[];
  readonly restartPolicy?: string;
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
  /** Whether the pod ended for good. */
  readonly isEnded: boolean;
}
const createMs = 100;
const initRunMs = 150;
const jobRunMs = 600;

/** The status a pod has at a time: a function of what was pulled and how the images behave, as a real kubelet would write it. */
export function podStatus(run: PodRun, now: number): PodStatus {
  const spec = run.pod.spec as PodSpec;
  const inits = initStates(run, spec, now);
  const isInitialized = inits.begin !== undefined && inits.begin <= now;
  const containers = spec.containers.map((container) => {
    const own = containerRun(run, spec, container, inits.begin ?? Infinity);
    return isInitialized || inits.states.length === 0
      ? containerAt(own, now)
      : waiting(own, "PodInitializing", inits.begin);
  });
  const all = [...inits.states, ...containers];
  const initFailedAt = inits.states.find((state) => state.exit !== undefined && state.exit.code !== 0)?.exit?.at;
  const isEnded = initFailedAt !== undefined || containers.every((state) => state.exit !== undefined);
  const isFailed = initFailedAt !== undefined || containers.some((state) => (state.exit?.code ?? 0) !== 0);
  const isRunning = isInitialized && containers.some((state) => state.started);
  const phase = isEnded ? (isFailed ? "Failed" : "Succeeded") : isRunning ? "Running" : "Pending";
  const ready = isInitialized && !isEnded && containers.every((state) => state.ready);
  const deciding = ready ? containers : containers.filter((state) => !state.ready);
  const readyChangedAt = seconds(Math.max(run.startedAt, ...deciding.map((state) => state.readyChangedAt ?? 0)));
  const started = seconds(run.startedAt);
  const initializedAt = isInitialized && inits.states.length > 0 ? seconds(inits.begin ?? run.startedAt) : started;
  const readyReason = isEnded ? (isFailed ? "PodFailed" : "PodCompleted") : "ContainersNotReady";
  const nextAt = Math.min(
    ...all.map((state) => state.nextAt ?? Infinity),
    isEnded ? Infinity : later(inits.begin, now),
  );
  return {
    status: {
      phase,
      startTime: started,
      hostIP: "127.0.0.1",
      podIP: addressOf(run.pod),
      conditions: [
        condition("Initialized", isInitialized || inits.states.length === 0, initializedAt, "ContainersNotInitialized"),
        condition("Ready", ready, readyChangedAt, readyReason),
        condition("ContainersReady", ready, readyChangedAt, readyReason),
        condition("PodScheduled", true, started),
      ],
      ...(inits.states.length === 0 ? {} : { initContainerStatuses: inits.states.map((state) => state.status) }),
      containerStatuses: containers.map((state) => state.status),
    },
    nextAt: isEnded || nextAt === Infinity || nextAt <= now ? undefined : nextAt,
    isEnded,
  };
}

/** Init containers run one after the other; `begin` is when the others may start, as far as that is known. */
function initStates(run: PodRun, spec: PodSpec, now: number): { states: ContainerState[]; begin: number | undefined } {
  let begin: number | undefined = Math.max(run.startedAt + createMs, run.pulledAt);
  const states: ContainerState[] = [];
  for (const container of spec.initContainers ?? []) {
    const isBeside = container.restartPolicy === "Always";
    const own = containerRun(run, spec, container, begin ?? Infinity, isBeside ? undefined : initRunMs);
    const state: ContainerState =
      begin === undefined || (begin > now && states.length > 0)
        ? waiting(own, "PodInitializing", begin)
        : containerAt(isBeside ? { ...own, restart: "always", endsAfter: undefined } : own, now);
    states.push(state);
    if (isBeside) begin = state.started && begin !== undefined ? begin : undefined;
    else begin = state.exit?.code === 0 ? state.exit.at : undefined;
  }
  return { states, begin };
}

function containerRun(
  run: PodRun,
  spec: PodSpec,
  container: ContainerSpec,
  begin: number,
  initRun?: number,
): ContainerRun {
  const { name, namespace, uid } = run.pod.metadata;
  const policy = spec.restartPolicy ?? "Always";
  const isInit = initRun !== undefined;
  const restart = policy === "Never" ? "never" : policy === "OnFailure" || isInit ? "on failure" : "always";
  return {
    name: container.name,
    image: container.image,
    pod: `${name}_${namespace}(${uid})`,
    pull: run.pulls.get(container.image),
    pulledAt: run.pulledAt,
    begin,
    restart,
    endsAfter: initRun ?? (policy === "Always" ? undefined : jobRunMs),
  };
}

function condition(type: string, isTrue: boolean, at: string, reason?: string): object {
  const shown = isTrue || reason === undefined ? {} : { reason };
  return { type, status: isTrue ? "True" : "False", lastTransitionTime: at, ...shown };
}
function later(at: number | undefined, now: number): number {
  return at === undefined || at <= now ? Infinity : at;
}
/** An address that stays the pod's own; nothing listens there. */
function addressOf(pod: KubeObject): string {
  const [a = 0, b = 0, c = 0] = createHash("sha256")
    .update(pod.metadata.uid ?? pod.metadata.name)
    .digest();
  return `10.${a}.${b}.${c}`;
}
