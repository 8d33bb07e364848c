import type { KubeObject } from "../../model/kubernetes.ts";
import { type Action, type Controller, type Decision, kinds, type View } from "./controller.ts";
import { progressOf } from "./deployment-status.ts";
import { isEnded, isTerminating } from "./pods.ts";
import type { ReplicaSetSpec } from "./replica-set.ts";
import { scaleRolling } from "./rolling-update.ts";
import {
  annotationsOf,
  desiredOf,
  type Rollout,
  ranked,
  replicasOf,
  revisionAnnotation,
  revisionOf,
  rolloutOf,
} from "./rollout.ts";
import { canonical, controllerReference, shortHash } from "./shapes.ts";

const hashLabel = "pod-template-hash";

/** Keeps one replica set a pod template and shifts replicas from the old ones to the newest. */
export const deploymentController: Controller = {
  name: "deployment-controller",
  kind: kinds.deployment,
  owns: [kinds.replicaSet],
  decide(deployment, view): Decision {
    const rollout = rolloutOf(deployment, view.owned(kinds.replicaSet, deployment));
    const { status, lookAgainAt, isComplete } = progressOf(rollout, view.now);
    const actions = isTerminating(deployment)
      ? []
      : [...steps(rollout, view), ...(isComplete ? leftovers(rollout) : [])];
    return {
      actions,
      status,
      ...(lookAgainAt === undefined ? {} : { lookAgainAt }),
    };
  },
};

function steps(rollout: Rollout, view: View): Action[] {
  const { spec, newest, old } = rollout;
  if (spec.paused) return scaleTo(rollout, pausedTargets(rollout));
  if (spec.strategy?.type === "Recreate") {
    if (old.some((set) => replicasOf(set) > 0)) return scaleTo(rollout, new Map(old.map((set) => [set, 0])));
    if (old.some((set) => view.owned(kinds.pod, set).some((pod) => !isEnded(pod)))) return [];
    return newest === undefined
      ? [makeNewest(rollout, desiredOf(rollout))]
      : [...scaleTo(rollout, new Map([[newest, desiredOf(rollout)]])), ...numberDeployment(rollout)];
  }
  const targets = scaleRolling(rollout);
  return newest === undefined
    ? [makeNewest(rollout, targets.newest)]
    : [...scaleTo(rollout, new Map([...targets.old, [newest, targets.newest]])), ...numberDeployment(rollout)];
}

/** While paused only the number of replicas follows: the one set that has pods gets them. */
function pausedTargets({ newest, old, deployment, spec }: Rollout): Map<KubeObject, number> {
  const active = [newest, ...old].filter((set) => set !== undefined && replicasOf(set) > 0);
  const only = active.length === 1 ? active[0] : undefined;
  return only === undefined || deployment === undefined ? new Map() : new Map([[only, spec.replicas ?? 1]]);
}

function makeNewest(rollout: Rollout, replicas: number): Action {
  const { deployment, spec, old } = rollout;
  const hash = shortHash(spec.template);
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  const name = `${deployment.metadata.name}-${hash}`;
  const { namespace } = deployment.metadata;
  const set: KubeObject = {
    ...kinds.replicaSet,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: annotationsOf(rollout, Math.max(0, ...old.map(revisionOf)) + 1),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: {
        ...spec.selector,
        matchLabels: { ...spec.selector?.matchLabels, [hashLabel]: hash },
      },
      template: {
        ...spec.template,
        metadata: { ...spec.template.metadata, labels },
      },
    } satisfies ReplicaSetSpec & { selector: object },
  };
  return { do: "create", object: set, event: scaled("up", name, 0, replicas) };
}

/** Brings replica sets to their sizes, and the newest one's annotations up to date. */
function scaleTo(rollout: Rollout, targets: ReadonlyMap<KubeObject, number>): Action[] {
  const actions: Action[] = [];
  const sets = [...(rollout.newest === undefined ? [] : [rollout.newest]), ...rollout.old];
  for (const set of sets) {
    const now = replicasOf(set);
    const target = targets.get(set) ?? now;
    const annotations = {
      ...set.metadata.annotations,
      ...(set === rollout.newest && !rollout.spec.paused ? annotationsOf(rollout, rollout.revision) : {}),
    };
    if (target === now && canonical(annotations) === canonical(set.metadata.annotations ?? {})) continue;
    const object = {
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { ...(set.spec as object), replicas: target },
    };
    const event =
      target === now
        ? {}
        : {
            event: scaled(target > now ? "up" : "down", set.metadata.name, now, target),
          };
    actions.push({ do: "update", object, ...event });
  }
  return actions;
}

function numberDeployment({ deployment, revision }: Rollout): Action[] {
  const { annotations } = deployment.metadata;
  if (annotations?.[revisionAnnotation] === String(revision)) return [];
  const next = { ...annotations, [revisionAnnotation]: String(revision) };
  return [
    {
      do: "update",
      object: {
        ...deployment,
        metadata: { ...deployment.metadata, annotations: next },
      },
    },
  ];
}

/** Old replica sets beyond the history that is kept. */
function leftovers({ spec, old }: Rollout): Action[] {
  const empty = ranked(old).filter(
    (set) =>
      !isTerminating(set) && replicasOf(set) === 0 && ((set.status as { replicas?: number })?.replicas ?? 0) === 0,
  );
  return empty
    .slice(0, Math.max(0, old.length - (spec.revisionHistoryLimit ?? 10)))
    .map((object) => ({ do: "remove", object }));
}

function scaled(direction: "up" | "down", name: string, from: number, to: number) {
  const message = `Scaled ${direction} replica set ${name} from ${from} to ${to}`;
  return { type: "Normal", reason: "ScalingReplicaSet", message } as const;
}
