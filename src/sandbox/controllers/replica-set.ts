import type { KubeObject } from "../../model/kubernetes.ts";
import { type Action, type Controller, type Decision, kinds, type View } from "./controller.ts";
import { inOrderOfRemoval, isActive, isTerminating, podFrom, removal, tally } from "./pods.ts";
import {
  type Condition,
  conditionsOf,
  type PodTemplate,
  specOf,
  suffix,
  withCondition,
  withoutCondition,
  withoutZeros,
} from "./shapes.ts";

export interface ReplicaSetSpec {
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly template: PodTemplate;
}
/** Pods made in one go; the next go follows when these were seen. */
const burst = 100;

/** Keeps as many pods of one template as asked for. */
export const replicaSetController: Controller = {
  name: "replicaset-controller",
  kind: kinds.replicaSet,
  owns: [kinds.pod],
  decide(set, view): Decision {
    const spec = specOf<ReplicaSetSpec>(set);
    const pods = view.owned(kinds.pod, set).filter(isActive);
    const { ready, available, nextAt } = tally(pods, spec.minReadySeconds ?? 0, view.now);
    const labels = Object.entries(spec.template.metadata?.labels ?? {});
    const labelled = pods.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value));
    const conditions = failureConditions(set, view);
    return {
      actions: isTerminating(set) ? [] : changes(set, spec, pods, view),
      status: {
        replicas: pods.length,
        ...withoutZeros({
          fullyLabeledReplicas: labelled.length,
          readyReplicas: ready,
          availableReplicas: available,
          observedGeneration: set.metadata.generation,
        }),
        ...(conditions.length === 0 ? {} : { conditions }),
      },
      ...(nextAt === undefined ? {} : { lookAgainAt: nextAt }),
    };
  },
};

function changes(set: KubeObject, spec: ReplicaSetSpec, pods: readonly KubeObject[], view: View): Action[] {
  const missing = (spec.replicas ?? 1) - pods.length;
  if (missing > 0)
    return Array.from({ length: Math.min(missing, burst) }, () => {
      const generateName = `${set.metadata.name}-`;
      const name = generateName + suffix(view.random);
      return {
        do: "create",
        object: podFrom(set, spec.template, { name, generateName }),
        event: {
          type: "Normal",
          reason: "SuccessfulCreate",
          message: `Created pod: ${name}`,
        },
      };
    });
  return inOrderOfRemoval(pods).slice(0, -missing).map(removal);
}

function failureConditions(set: KubeObject, view: View): Condition[] {
  const conditions = conditionsOf(set);
  if (view.refusal === undefined) return withoutCondition(conditions, "ReplicaFailure");
  const failure = {
    type: "ReplicaFailure",
    status: "True",
    reason: "FailedCreate",
    message: view.refusal,
  } as const;
  return withCondition(conditions, failure, view.now);
}
