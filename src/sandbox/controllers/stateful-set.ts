import type { KubeObject } from "../../model/kubernetes.ts";
import { type Action, type Controller, type Decision, kinds, type View } from "./controller.ts";
import { isEnded, isReady, isTerminating, phaseOf, podFrom, tally } from "./pods.ts";
import { revisionFor, revisionLabel, templateOf } from "./revisions.ts";
import { type PodTemplate, specOf, statusOf } from "./shapes.ts";

interface StatefulSetSpec {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly serviceName?: string;
  readonly podManagementPolicy?: string;
  readonly ordinals?: { readonly start?: number };
  readonly updateStrategy?: {
    readonly type?: string;
    readonly rollingUpdate?: { readonly partition?: number };
  };
  readonly volumeClaimTemplates?: readonly {
    readonly metadata: { readonly name: string };
  }[];
  readonly template: PodTemplate;
}
interface StatefulSetStatus {
  readonly currentRevision: string;
}
/** A StatefulSet with its pods by ordinal and the two revisions they may be of. */
interface Ordinals {
  readonly set: KubeObject;
  readonly spec: StatefulSetSpec;
  readonly first: number;
  readonly end: number;
  readonly pods: ReadonlyMap<number, KubeObject>;
  readonly isOrdered: boolean;
  readonly current: KubeObject;
  readonly update: KubeObject;
}

/** Keeps pods with names of their own, one after the other where the set asks for it. */
export const statefulSetController: Controller = {
  name: "statefulset-controller",
  kind: kinds.statefulSet,
  owns: [kinds.pod, kinds.controllerRevision],
  decide(set, view): Decision {
    const spec = specOf<StatefulSetSpec>(set);
    const revisions = view.owned(kinds.controllerRevision, set);
    const found = revisionFor(set, spec.template, revisions);
    if (found.action !== undefined) return { actions: isTerminating(set) ? [] : [found.action] };
    const name = statusOf<StatefulSetStatus>(set).currentRevision;
    const first = spec.ordinals?.start ?? 0;
    const ordinals: Ordinals = {
      set,
      spec,
      first,
      end: first + (spec.replicas ?? 1),
      pods: byOrdinal(set, view.owned(kinds.pod, set)),
      isOrdered: spec.podManagementPolicy !== "Parallel",
      current: revisions.find((revision) => revision.metadata.name === name) ?? found.revision,
      update: found.revision,
    };
    const { status, nextAt } = statusFor(ordinals, view.now);
    return {
      actions: isTerminating(set) ? [] : steps(ordinals, view),
      status,
      ...(nextAt === undefined ? {} : { lookAgainAt: nextAt }),
    };
  },
};

function byOrdinal(set: KubeObject, pods: readonly KubeObject[]): Map<number, KubeObject> {
  const start = `${set.metadata.name}-`;
  const numbered = pods
    .filter((pod) => pod.metadata.name.startsWith(start))
    .map((pod) => [Number(pod.metadata.name.slice(start.length)), pod] as const);
  return new Map(numbered.filter(([ordinal]) => Number.isInteger(ordinal)).sort(([a], [b]) => a - b));
}

function steps(ordinals: Ordinals, view: View): Action[] {
  const { first, end, pods, isOrdered } = ordinals;
  const actions: Action[] = [];
  for (let ordinal = first; ordinal < end; ordinal++) {
    const pod = pods.get(ordinal);
    if (pod === undefined) actions.push(create(ordinals, ordinal));
    else if (isEnded(pod) && !isTerminating(pod)) actions.push(remove(pod));
    else if (isWell(ordinals, pod, view.now)) continue;
    if (isOrdered) return actions;
  }
  const beyond = [...pods].filter(([ordinal]) => ordinal < first || ordinal >= end).reverse();
  for (const [, pod] of beyond) {
    if (!isTerminating(pod)) actions.push(remove(pod));
    if (isOrdered) return actions;
  }
  return actions.length > 0 ? actions : updates(ordinals, view);
}

/** From the highest ordinal down to the partition, one pod at a time: what is of an old revision goes and is made anew. */
function updates(ordinals: Ordinals, view: View): Action[] {
  const { spec, first, end, pods, update } = ordinals;
  if (spec.updateStrategy?.type === "OnDelete") return [];
  const lowest = Math.max(first, spec.updateStrategy?.rollingUpdate?.partition ?? 0);
  for (let ordinal = end - 1; ordinal >= lowest; ordinal--) {
    const pod = pods.get(ordinal);
    if (pod === undefined) return [];
    if (!isTerminating(pod) && pod.metadata.labels?.[revisionLabel] !== update.metadata.name) return [remove(pod)];
    if (!isWell(ordinals, pod, view.now)) return [];
  }
  return [];
}

function isWell({ spec }: Ordinals, pod: KubeObject, now: number): boolean {
  return (
    !isTerminating(pod) && phaseOf(pod) === "Running" && tally([pod], spec.minReadySeconds ?? 0, now).available === 1
  );
}

function create(ordinals: Ordinals, ordinal: number): Action {
  const { set, spec, first, pods, current, update } = ordinals;
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  const onDelete = spec.updateStrategy?.type === "OnDelete";
  const revision = !onDelete && ordinal - first < partition ? current : update;
  const template = templateOf(revision);
  const name = `${set.metadata.name}-${ordinal}`;
  const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${metadata.name}-${name}` },
  }));
  const volumes = [...((template.spec.volumes as object[] | undefined) ?? []), ...claims];
  const labels = {
    "statefulset.kubernetes.io/pod-name": name,
    "apps.kubernetes.io/pod-index": String(ordinal),
    [revisionLabel]: revision.metadata.name,
  };
  const own = {
    hostname: name,
    ...(spec.serviceName === undefined ? {} : { subdomain: spec.serviceName }),
    ...(volumes.length === 0 ? {} : { volumes }),
  };
  const message = `create Pod ${name} in StatefulSet ${set.metadata.name} successful`;
  return {
    do: "create",
    object: podFrom(set, template, { name, labels, spec: own }),
    ...(pods.has(ordinal) ? {} : { event: { type: "Normal", reason: "SuccessfulCreate", message } }),
  };
}
function remove(pod: KubeObject): Action {
  const message = `delete Pod ${pod.metadata.name} successful`;
  return {
    do: "remove",
    object: pod,
    event: { type: "Normal", reason: "SuccessfulDelete", message },
  };
}

function statusFor(ordinals: Ordinals, now: number): { status: Record<string, unknown>; nextAt: number | undefined } {
  const { set, spec, current, update } = ordinals;
  const pods = [...ordinals.pods.values()];
  const running = pods.filter((pod) => phaseOf(pod) === "Running" && isReady(pod));
  const { available, nextAt } = tally(running, spec.minReadySeconds ?? 0, now);
  const of = (revision: KubeObject) =>
    pods.filter((pod) => !isTerminating(pod) && pod.metadata.labels?.[revisionLabel] === revision.metadata.name).length;
  const want = spec.replicas ?? 1;
  const updated = of(update);
  const isDone = updated === want && pods.length === want && running.length === want;
  const isRolling = spec.updateStrategy?.type !== "OnDelete";
  const currentName = (isDone && isRolling ? update : current).metadata.name;
  const currentReplicas = isDone && isRolling ? updated : of(current);
  const status = {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    availableReplicas: available,
    ...(running.length > 0 ? { readyReplicas: running.length } : {}),
    ...(currentReplicas > 0 ? { currentReplicas } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    currentRevision: currentName,
    updateRevision: update.metadata.name,
    collisionCount: 0,
  };
  return { status, nextAt };
}
