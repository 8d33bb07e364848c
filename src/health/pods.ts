import { groupKind, type KubeObject } from "../model/kubernetes.ts";
import { count, type KResult, kstatus, statusOf } from "./kstatus.ts";

/** What to judge a workload by: its own status and the pods that say something about its current version. */
export interface Judged {
  readonly status: KResult;
  /** Pods whose trouble counts. */
  readonly pods: readonly KubeObject[];
  /** Pods that failed but are being made up for: told, without counting. */
  readonly noted: readonly KubeObject[];
}
interface ContainerImage {
  readonly name: string;
  readonly image?: string;
}
interface PodSpec {
  readonly containers?: readonly ContainerImage[];
  readonly initContainers?: readonly ContainerImage[];
}

/** Sorts a workload's pods by what its kind makes of them. A new kind is a branch here. */
export function judged(object: KubeObject, pods: readonly KubeObject[]): Judged {
  const staying = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  switch (groupKind(object)) {
    case "batch/Job":
      return job(object, staying);
    case "batch/CronJob":
      return lastRun(object, staying);
    case "Pod":
      return { status: kstatus(object), pods: staying, noted: [] };
    default:
      return { status: kstatus(object), pods: replaceable(object, staying), noted: [] };
  }
}

/** Pods that ended (evicted ones) stay until they are collected, replaced long since; those of the old version are on their way out. */
function replaceable(object: KubeObject, pods: readonly KubeObject[]): readonly KubeObject[] {
  const living = pods.filter((pod) => !isEnded(pod));
  const outdated = living.filter((pod) => !runsImagesOf(pod, templateOf(object)));
  // Images may differ because something in the cluster rewrites them: the counters must agree that pods are old.
  const isObserved = statusOf(object).observedGeneration === object.metadata.generation;
  const old =
    groupKind(object) === "apps/DaemonSet"
      ? count(object, "currentNumberScheduled") - count(object, "updatedNumberScheduled")
      : count(object, "replicas") - count(object, "updatedReplicas");
  if (isObserved && outdated.length > old) return living;
  return living.filter((pod) => !outdated.includes(pod));
}

/** A Job makes up for failed pods until it says that it failed itself. */
function job(object: KubeObject, pods: readonly KubeObject[]): Judged {
  const status = kstatus(object);
  if (status.status === "Current") return { status, pods: [], noted: [] };
  const ended = pods.filter(isEnded);
  if (status.status === "Failed") return { status, pods: ended.length > 0 ? ended : pods, noted: [] };
  return { status, pods: pods.filter((pod) => !isEnded(pod)), noted: ended };
}

/** A CronJob is judged by the newest run of its current version that tells anything. */
function lastRun(object: KubeObject, pods: readonly KubeObject[]): Judged {
  const own = pods.filter((pod) => runsImagesOf(pod, templateOf(object)));
  const runs = [...Map.groupBy(own, (pod) => pod.metadata.ownerReferences?.[0]?.uid ?? pod.metadata.name).values()];
  const newestFirst = runs.map(byAge).sort((a, b) => createdAt(b[0]!) - createdAt(a[0]!));
  const running = newestFirst[0]?.some((pod) => !isEnded(pod)) ? newestFirst[0] : [];
  const last = newestFirst.find((run) => run.some(isEnded))?.find(isEnded);
  const applied = (message: string): KResult => ({ status: "Applied", message });
  const living = running.filter((pod) => !isEnded(pod));
  if (last === undefined)
    return {
      status: applied(living.length > 0 ? "its first run is under way" : "applied; this version has not run yet"),
      pods: living,
      noted: running.filter(isEnded),
    };
  if (statusOf(last).phase === "Succeeded")
    return { status: { status: "Current", message: "its last run completed" }, pods: living, noted: [] };
  return { status: { status: "InProgress", message: "its last run failed" }, pods: [...living, last], noted: [] };
}

function byAge(pods: readonly KubeObject[]): KubeObject[] {
  return [...pods].sort((a, b) => createdAt(b) - createdAt(a));
}
function createdAt(pod: KubeObject): number {
  return Date.parse(pod.metadata.creationTimestamp ?? "") || 0;
}
function isEnded(pod: KubeObject): boolean {
  const { phase } = statusOf(pod);
  return phase === "Succeeded" || phase === "Failed";
}

/** The pod spec a workload makes its pods from; undefined for kinds that have none at the usual place. */
function templateOf(object: KubeObject): PodSpec | undefined {
  const spec = object.spec as
    | { template?: { spec?: PodSpec }; jobTemplate?: { spec?: { template?: { spec?: PodSpec } } } }
    | undefined;
  return spec?.jobTemplate?.spec?.template?.spec ?? spec?.template?.spec;
}
function runsImagesOf(pod: KubeObject, template: PodSpec | undefined): boolean {
  if (template === undefined) return true;
  const { containers = [], initContainers = [] } = (pod.spec ?? {}) as PodSpec;
  const images = new Map([...initContainers, ...containers].map((container) => [container.name, container.image]));
  return [...(template.initContainers ?? []), ...(template.containers ?? [])].every(
    (container) => !images.has(container.name) || images.get(container.name) === container.image,
  );
}
