import type { KubeObject } from "../../model/kubernetes.ts";
import type { ReplicaSetSpec } from "./replica-set.ts";
import { amount, canonical, createdAt, type PodTemplate, specOf, statusOf } from "./shapes.ts";

interface DeploymentSpec {
  readonly replicas?: number;
  readonly paused?: boolean;
  readonly minReadySeconds?: number;
  readonly progressDeadlineSeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly selector?: { readonly matchLabels?: Record<string, string> };
  readonly strategy?: {
    readonly type?: string;
    readonly rollingUpdate?: {
      readonly maxSurge?: number | string;
      readonly maxUnavailable?: number | string;
    };
  };
  readonly template: PodTemplate;
}
export interface ReplicaSetStatus {
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}
/** A Deployment with its replica sets: the one of its current template, and the others, oldest first. */
export interface Rollout {
  readonly deployment: KubeObject;
  readonly spec: DeploymentSpec;
  readonly newest: KubeObject | undefined;
  readonly old: readonly KubeObject[];
  /** The number the current template has, or will have. */
  readonly revision: number;
}
export const revisionAnnotation = "deployment.kubernetes.io/revision";
const desiredAnnotation = "deployment.kubernetes.io/desired-replicas";
const maxAnnotation = "deployment.kubernetes.io/max-replicas";
/** Annotations of a Deployment that say nothing about its replica sets. */
const ownAnnotations = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionAnnotation,
  desiredAnnotation,
  maxAnnotation,
]);

export function rolloutOf(deployment: KubeObject, sets: readonly KubeObject[]): Rollout {
  const spec = specOf<DeploymentSpec>(deployment);
  const wanted = templateText(spec.template);
  const byAge = [...sets].sort((a, b) => createdAt(a) - createdAt(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
  const newest = byAge.find((set) => templateText(specOf<ReplicaSetSpec>(set).template) === wanted);
  const old = byAge.filter((set) => set !== newest);
  const highest = Math.max(0, ...old.map(revisionOf));
  const revision = newest !== undefined && revisionOf(newest) > highest ? revisionOf(newest) : highest + 1;
  return { deployment, spec, newest, old, revision };
}

/** A template without the label by which its replica set tells its pods apart. */
function templateText(template: PodTemplate): string {
  const { "pod-template-hash": _, ...labels } = template.metadata?.labels ?? {};
  const { annotations = {} } = template.metadata ?? {};
  return canonical({ labels, annotations, spec: template.spec });
}
export function revisionOf(set: KubeObject): number {
  return Number(set.metadata.annotations?.[revisionAnnotation] ?? 0);
}
/** Replica sets by revision, lowest first. */
export function ranked(sets: readonly KubeObject[]): KubeObject[] {
  return [...sets].sort((a, b) => revisionOf(a) - revisionOf(b));
}
export function replicasOf(set: KubeObject): number {
  return specOf<ReplicaSetSpec>(set).replicas ?? 1;
}
export function counted(sets: readonly KubeObject[], field: keyof ReplicaSetStatus): number {
  return sets.reduce((sum, set) => sum + (statusOf<ReplicaSetStatus>(set)[field] ?? 0), 0);
}
export function setsOf({ newest, old }: Rollout): KubeObject[] {
  return newest === undefined ? [...old] : [...old, newest];
}
export function desiredOf({ spec }: Rollout): number {
  return spec.replicas ?? 1;
}
/** How many pods may be there beyond the wanted ones, and how many of the wanted may be missing. */
export function limitsOf(rollout: Rollout): {
  surge: number;
  unavailable: number;
} {
  const { spec } = rollout;
  const desired = desiredOf(rollout);
  if (spec.strategy?.type === "Recreate") return { surge: 0, unavailable: 0 };
  const surge = amount(spec.strategy?.rollingUpdate?.maxSurge, desired, "up");
  const unavailable = amount(spec.strategy?.rollingUpdate?.maxUnavailable, desired, "down");
  // Both 0 can come of rounding, and nothing could ever move.
  return {
    surge,
    unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, desired),
  };
}
/** The annotations of the newest replica set. */
export function annotationsOf(rollout: Rollout, revision: number): Record<string, string> {
  const kept = Object.entries(rollout.deployment.metadata.annotations ?? {}).filter(
    ([key]) => !ownAnnotations.has(key),
  );
  const desired = desiredOf(rollout);
  return {
    ...Object.fromEntries(kept),
    [revisionAnnotation]: String(revision),
    [desiredAnnotation]: String(desired),
    [maxAnnotation]: String(desired + limitsOf(rollout).surge),
  };
}
