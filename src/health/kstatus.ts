import { groupKind, type KubeObject } from "../model/kubernetes.ts";

/** The common verdict of kubernetes-sigs/cli-utils, as far as kinds here need it. `Applied` is ours: nothing to observe. */
export type KStatus = "InProgress" | "Failed" | "Current" | "Applied" | "Terminating";
export interface KResult {
  readonly status: KStatus;
  readonly message: string;
}
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}
type Rule = (object: KubeObject) => KResult;

const current = (message: string): KResult => ({ status: "Current", message });
const progress = (message: string): KResult => ({ status: "InProgress", message });
const failed = (message: string): KResult => ({ status: "Failed", message });
/** Scaled to nothing on purpose: there is nothing that could be called healthy. */
const nothingRuns: KResult = { status: "Applied", message: "scaled to 0, nothing runs" };
const applied: Rule = () => ({ status: "Applied", message: "applied; nothing to observe" });

/** Reads an object's own status, first rule that speaks. */
export function kstatus(object: KubeObject): KResult {
  if (object.metadata.deletionTimestamp) return { status: "Terminating", message: "being deleted" };
  const observed = statusOf(object).observedGeneration;
  const { generation } = object.metadata;
  if (typeof observed === "number" && generation !== undefined && observed !== generation)
    return progress("the controller has not seen the newest change yet");
  for (const condition of conditionsOf(object)) {
    if (condition.type === "Reconciling" && condition.status === "True")
      return progress(condition.message ?? "reconciling");
    if (condition.type === "Stalled" && condition.status === "True") return failed(condition.message ?? "stalled");
  }
  const rule = rules[groupKind(object)];
  if (rule !== undefined) return rule(object);
  const ready = condition(object, "Ready");
  if (ready === undefined) return applied(object);
  return ready.status === "True"
    ? current(ready.message ?? "ready")
    : progress(ready.message || ready.reason || "not ready");
}

/** Rules by `group/Kind`. A new kind is an entry here. */
const rules: Readonly<Record<string, Rule>> = {
  "apps/Deployment": deployment,
  "apps/StatefulSet": statefulSet,
  "apps/DaemonSet": daemonSet,
  "apps/ReplicaSet": replicaSet,
  "batch/Job": job,
  "batch/CronJob": applied,
  "policy/PodDisruptionBudget": applied,
  ConfigMap: applied,
  Secret: applied,
  Service: service,
  Pod: pod,
  PersistentVolumeClaim: (object) =>
    statusOf(object).phase === "Bound" ? current("bound") : progress("not bound to a volume yet"),
  "apiextensions.k8s.io/CustomResourceDefinition": definition,
};

function deployment(object: KubeObject): KResult {
  const progressing = condition(object, "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") return failed("no progress within progressDeadlineSeconds");
  const want = replicas(object);
  const total = count(object, "replicas");
  const updated = count(object, "updatedReplicas");
  const ready = count(object, "readyReplicas");
  const available = count(object, "availableReplicas");
  if (observed(object) === undefined) return progress("the controller has not looked at it yet");
  const isPaused = (object.spec as { paused?: boolean } | undefined)?.paused === true;
  if (total < want) return progress(`${total} of ${want} pods exist`);
  if (updated < want) return progress(`${isPaused ? "paused with " : ""}${updated} of ${want} pods updated`);
  if (total > want)
    return progress(
      `${total - want} old ${total - want === 1 ? "pod serves" : "pods serve"} on until the new ones are ready`,
    );
  if (available < updated) return progress(`${available} of ${want} pods available`);
  if (ready < want) return progress(`${ready} of ${want} pods ready`);
  if (progressing !== undefined && !isPaused && progressing.reason !== "NewReplicaSetAvailable")
    return progress("the new replica set is not available yet");
  if (condition(object, "Available")?.status !== "True" && want > 0) return progress("not available yet");
  if (want === 0) return nothingRuns;
  return current(`${ready} of ${want} pods ready`);
}

function statefulSet(object: KubeObject): KResult {
  const spec = object.spec as
    | { updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } } }
    | undefined;
  const want = replicas(object);
  if (observed(object) === undefined) return progress("the controller has not looked at it yet");
  const total = count(object, "replicas");
  const ready = count(object, "readyReplicas");
  if (total < want) return progress(`${total} of ${want} pods exist`);
  if (ready < want) return progress(`${ready} of ${want} pods ready`);
  if (total > want) return progress(`${total - want} pods have still to go`);
  if (want === 0) return nothingRuns;
  const available = statusOf(object).availableReplicas;
  if (typeof available === "number" && available < want) return progress(`${available} of ${want} pods available`);
  const partition = spec?.updateStrategy?.rollingUpdate?.partition;
  const updated = count(object, "updatedReplicas");
  if (spec?.updateStrategy?.type === "OnDelete")
    return updated < want
      ? progress(`${updated} of ${want} pods updated; the others follow when somebody deletes them (OnDelete)`)
      : current(`${ready} of ${want} pods ready`);
  if (partition !== undefined && partition > 0)
    return updated < want - partition
      ? progress(`${updated} of ${want - partition} pods updated`)
      : current(`partitioned: ${updated} pods updated`);
  const status = statusOf(object);
  if (status.currentRevision !== status.updateRevision) return progress(`${updated} of ${want} pods updated`);
  return current(`${ready} of ${want} pods ready`);
}

function daemonSet(object: KubeObject): KResult {
  const status = statusOf(object);
  if (observed(object) === undefined || status.desiredNumberScheduled === undefined)
    return progress("the controller has not looked at it yet");
  const want = count(object, "desiredNumberScheduled");
  if (want === 0 && count(object, "numberMisscheduled") === 0)
    return { status: "Applied", message: "applied; no node is to run it" };
  for (const [field, word] of [
    ["currentNumberScheduled", "scheduled"],
    ["updatedNumberScheduled", "updated"],
    ["numberAvailable", "available"],
    ["numberReady", "ready"],
  ] as const)
    if (count(object, field) < want) return progress(`${count(object, field)} of ${want} pods ${word}`);
  return current(`${want} of ${want} pods ready`);
}

function replicaSet(object: KubeObject): KResult {
  const want = replicas(object);
  if (condition(object, "ReplicaFailure")?.status === "True")
    return progress(condition(object, "ReplicaFailure")?.message ?? "pods cannot be created");
  for (const field of ["fullyLabeledReplicas", "availableReplicas", "readyReplicas"])
    if (count(object, field) < want) return progress(`${count(object, field)} of ${want} pods ready`);
  if (count(object, "replicas") > want) return progress("pods have still to go");
  return want === 0 ? nothingRuns : current(`${want} of ${want} pods ready`);
}

function job(object: KubeObject): KResult {
  if (condition(object, "Complete")?.status === "True") return current("completed");
  const failure = condition(object, "Failed");
  if (failure?.status === "True")
    return failed(`the job failed: ${failure.message ?? failure.reason ?? "no reason given"}`);
  if (condition(object, "Suspended")?.status === "True") return current("suspended");
  return progress(statusOf(object).startTime === undefined ? "not started yet" : "running");
}

function service(object: KubeObject): KResult {
  const spec = object.spec as { type?: string; clusterIP?: string } | undefined;
  if (spec?.type !== "LoadBalancer") return applied(object);
  const balancer = statusOf(object).loadBalancer as { ingress?: unknown[] } | undefined;
  return balancer?.ingress?.length ? current("has an address") : progress("has no address yet");
}

function pod(object: KubeObject): KResult {
  const phase = statusOf(object).phase;
  if (phase === "Succeeded") return current("completed");
  if (phase === "Failed") return failed("the pod failed");
  return condition(object, "Ready")?.status === "True"
    ? current("ready")
    : progress(phase === undefined ? "not observed yet" : "not ready yet");
}

function definition(object: KubeObject): KResult {
  if (condition(object, "NamesAccepted")?.status === "False") return failed("its names are taken");
  const established = condition(object, "Established");
  return established?.status === "True" ? current("established") : progress("not established yet");
}

export function statusOf(object: KubeObject): Record<string, unknown> {
  return (object.status as Record<string, unknown> | undefined) ?? {};
}
function conditionsOf(object: KubeObject): readonly Condition[] {
  const conditions = statusOf(object).conditions;
  return Array.isArray(conditions) ? (conditions as Condition[]) : [];
}
export function condition(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find((entry) => entry.type === type);
}
/** A counter of the status: absent means 0, as the API server leaves zeros out. */
export function count(object: KubeObject, field: string): number {
  const value = statusOf(object)[field];
  return typeof value === "number" ? value : 0;
}
/** `spec.replicas`, 1 where absent. */
export function replicas(object: KubeObject): number {
  const value = (object.spec as { replicas?: unknown } | undefined)?.replicas;
  return typeof value === "number" ? value : 1;
}
function observed(object: KubeObject): unknown {
  return statusOf(object).observedGeneration;
}
