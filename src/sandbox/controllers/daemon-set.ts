import type { KubeObject } from "../../model/kubernetes.ts";
import { type Action, type Controller, type Decision, kinds, type View } from "./controller.ts";
import { isEnded, isTerminating, podFrom, removal, tally } from "./pods.ts";
import { revisionLabel } from "./revisions.ts";
import { amount, type PodTemplate, shortHash, specOf, suffix, withoutZeros } from "./shapes.ts";

interface DaemonSetSpec {
  readonly minReadySeconds?: number;
  readonly updateStrategy?: {
    readonly type?: string;
    readonly rollingUpdate?: { readonly maxUnavailable?: number | string };
  };
  readonly template: PodTemplate;
}
interface Spread {
  readonly set: KubeObject;
  readonly spec: DaemonSetSpec;
  readonly hash: string;
  readonly nodes: readonly string[];
  /** Pods by the node they are meant for, those being deleted too. */
  readonly pods: ReadonlyMap<string, readonly KubeObject[]>;
}

/** Keeps one pod on each node that its selector admits. */
export const daemonSetController: Controller = {
  name: "daemonset-controller",
  kind: kinds.daemonSet,
  owns: [kinds.pod],
  heeds: [kinds.node],
  decide(set, view): Decision {
    const spec = specOf<DaemonSetSpec>(set);
    const nodes = view.all(kinds.node).filter((node) => admits(spec.template, node));
    const spread: Spread = {
      set,
      spec,
      hash: shortHash(spec.template),
      nodes: nodes.map((node) => node.metadata.name).sort(),
      pods: Map.groupBy(view.owned(kinds.pod, set), (pod) => targetOf(pod) ?? ""),
    };
    const actions = isTerminating(set) ? [] : placements(spread, view);
    const { status, nextAt } = statusFor(spread, view.now);
    return {
      actions: actions.length > 0 || isTerminating(set) ? actions : updates(spread, view),
      status,
      ...(nextAt === undefined ? {} : { lookAgainAt: nextAt }),
    };
  },
};

function admits(template: PodTemplate, node: KubeObject): boolean {
  const { nodeSelector } = template.spec as {
    nodeSelector?: Record<string, string>;
  };
  const { unschedulable } = (node.spec ?? {}) as { unschedulable?: boolean };
  const isChosen = Object.entries(nodeSelector ?? {}).every(([key, value]) => node.metadata.labels?.[key] === value);
  return isChosen && unschedulable !== true;
}

interface NodeTerms {
  readonly nodeSelectorTerms?: readonly {
    readonly matchFields?: readonly { readonly values?: readonly string[] }[];
  }[];
}
/** The node a pod is on or meant for. */
function targetOf(pod: KubeObject): string | undefined {
  const spec = pod.spec as {
    nodeName?: string;
    affinity?: {
      nodeAffinity?: {
        requiredDuringSchedulingIgnoredDuringExecution?: NodeTerms;
      };
    };
  };
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return spec.nodeName ?? terms?.[0]?.matchFields?.[0]?.values?.[0];
}

function placements(spread: Spread, view: View): Action[] {
  const actions: Action[] = [];
  for (const [node, pods] of spread.pods) {
    const living = pods.filter((pod) => !isTerminating(pod));
    const surplus = spread.nodes.includes(node)
      ? [...living.filter(isEnded), ...living.filter((pod) => !isEnded(pod)).slice(1)]
      : living;
    for (const pod of surplus) actions.push(removal(pod));
  }
  for (const node of spread.nodes) if (!spread.pods.has(node)) actions.push(create(spread, node, view));
  return actions;
}

/** Old pods that do not work go at once; of those that work only as many as may be missing. */
function updates(spread: Spread, view: View): Action[] {
  const { spec, hash, nodes, pods } = spread;
  if (spec.updateStrategy?.type === "OnDelete") return [];
  const most = Math.max(1, amount(spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, nodes.length, "up"));
  const isAvailable = (pod: KubeObject) => tally([pod], spec.minReadySeconds ?? 0, view.now).available === 1;
  const chosen = nodes.map((node) => pods.get(node)?.find((pod) => !isTerminating(pod)));
  const isOld = (pod: KubeObject) => pod.metadata.labels?.[revisionLabel] !== hash;
  const broken = chosen.filter((pod) => pod !== undefined && isOld(pod) && !isAvailable(pod));
  const missing = chosen.filter((pod) => pod === undefined || !isAvailable(pod)).length;
  const working = chosen.filter((pod) => pod !== undefined && isOld(pod) && isAvailable(pod));
  return [...broken, ...working.slice(0, Math.max(0, most - missing))].flatMap((pod) =>
    pod === undefined ? [] : [removal(pod)],
  );
}

function create({ set, spec, hash }: Spread, node: string, view: View): Action {
  const generateName = `${set.metadata.name}-`;
  const name = generateName + suffix(view.random);
  const term = {
    matchFields: [{ key: "metadata.name", operator: "In", values: [node] }],
  };
  const affinity = {
    ...(spec.template.spec.affinity as object | undefined),
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [term],
      },
    },
  };
  return {
    do: "create",
    object: podFrom(set, spec.template, {
      name,
      generateName,
      labels: { [revisionLabel]: hash },
      spec: { affinity },
    }),
    event: {
      type: "Normal",
      reason: "SuccessfulCreate",
      message: `Created pod: ${name}`,
    },
  };
}

function statusFor({ set, spec, hash, nodes, pods }: Spread, now: number) {
  const placed = nodes.flatMap((node) => pods.get(node)?.slice(0, 1) ?? []);
  const living = placed.filter((pod) => !isTerminating(pod));
  const { ready, available, nextAt } = tally(living, spec.minReadySeconds ?? 0, now);
  const elsewhere = [...pods].filter(([node]) => !nodes.includes(node)).length;
  const status = {
    currentNumberScheduled: placed.length,
    desiredNumberScheduled: nodes.length,
    numberMisscheduled: elsewhere,
    numberReady: ready,
    ...withoutZeros({
      observedGeneration: set.metadata.generation,
      updatedNumberScheduled: living.filter((pod) => pod.metadata.labels?.[revisionLabel] === hash).length,
      numberAvailable: available,
      numberUnavailable: nodes.length - available,
    }),
  };
  return { status, nextAt };
}
