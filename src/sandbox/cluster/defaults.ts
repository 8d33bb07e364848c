import type { KubeObject } from "../../model/kubernetes.ts";
import { type Fields, fill, fillPodSpec, mapAt, mapsAt, normaliseQuantities } from "./pod-defaults.ts";

/** What defaulting needs beside the object: its identity and a cluster address for a Service. */
export interface DefaultContext {
  readonly before: KubeObject | undefined;
  readonly uid: string;
  /** A free cluster address. */
  readonly address: () => string;
  readonly nodePort: () => number;
}
type Defaulter = (object: KubeObject, spec: Fields, context: DefaultContext) => void;

function fillTemplate(spec: Fields): void {
  const template = mapAt(spec, "template");
  if (template === undefined) return;
  fill(template, { metadata: {} });
  const podSpec = mapAt(template, "spec");
  if (podSpec !== undefined) fillPodSpec(podSpec);
}
function fillStrategy(spec: Fields, key: string, type: string, rolling: Fields): void {
  fill(spec, { [key]: {} });
  const strategy = mapAt(spec, key) ?? {};
  fill(strategy, { type });
  if (strategy.type !== "RollingUpdate") return;
  fill(strategy, { rollingUpdate: {} });
  fill(mapAt(strategy, "rollingUpdate") ?? {}, rolling);
}

const byKind: Readonly<Record<string, Defaulter>> = {
  Pod(_, spec, { before }) {
    fillPodSpec(spec);
    if (before !== undefined) return;
    fill(spec, {
      enableServiceLinks: true,
      serviceAccountName: "default",
      preemptionPolicy: "PreemptLowerPriority",
      priority: 0,
    });
    fill(spec, { serviceAccount: spec.serviceAccountName });
    const taints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
    const tolerations = mapsAt(spec, "tolerations");
    const missing = taints.filter((key) => !tolerations.some((entry) => entry.key === key));
    spec.tolerations = [
      ...tolerations,
      ...missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 })),
    ];
  },
  Deployment(_, spec) {
    fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    fillStrategy(spec, "strategy", "RollingUpdate", { maxUnavailable: "25%", maxSurge: "25%" });
    fillTemplate(spec);
  },
  ReplicaSet(_, spec) {
    fill(spec, { replicas: 1 });
    fillTemplate(spec);
  },
  ReplicationController(object, spec) {
    const labels = mapAt(mapAt(mapAt(spec, "template") ?? {}, "metadata") ?? {}, "labels");
    fill(spec, { replicas: 1, ...(labels === undefined ? {} : { selector: labels }) });
    if (labels !== undefined && object.metadata.labels === undefined)
      object.metadata.labels = { ...(labels as Record<string, string>) };
    fillTemplate(spec);
  },
  StatefulSet(_, spec) {
    fill(spec, {
      replicas: 1,
      revisionHistoryLimit: 10,
      podManagementPolicy: "OrderedReady",
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    fillStrategy(spec, "updateStrategy", "RollingUpdate", { partition: 0 });
    fillTemplate(spec);
    for (const claim of mapsAt(spec, "volumeClaimTemplates")) {
      fill(claim, { apiVersion: "v1", kind: "PersistentVolumeClaim", status: { phase: "Pending" } });
      fillClaim(mapAt(claim, "spec") ?? {});
    }
  },
  DaemonSet(_, spec) {
    fill(spec, { revisionHistoryLimit: 10 });
    fillStrategy(spec, "updateStrategy", "RollingUpdate", { maxSurge: 0, maxUnavailable: 1 });
    fillTemplate(spec);
  },
  Job(object, spec, { before, uid }) {
    if (spec.completions === undefined && spec.parallelism === undefined) fill(spec, { completions: 1 });
    fill(spec, {
      parallelism: 1,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: "TerminatingOrFailed",
    });
    if (before === undefined && spec.manualSelector !== true) ownSelector(object, spec, uid);
    fillTemplate(spec);
  },
  CronJob(_, spec) {
    fill(spec, {
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    const jobTemplate = mapAt(spec, "jobTemplate");
    if (jobTemplate === undefined) return;
    fill(jobTemplate, { metadata: {} });
    fillTemplate(mapAt(jobTemplate, "spec") ?? {});
  },
  Service(_, spec, context) {
    fill(spec, { type: "ClusterIP", sessionAffinity: "None" });
    for (const port of mapsAt(spec, "ports")) {
      fill(port, { protocol: "TCP" });
      fill(port, { targetPort: port.port });
      if (spec.type === "NodePort" || spec.type === "LoadBalancer")
        if (port.nodePort === undefined || port.nodePort === 0) port.nodePort = context.nodePort();
    }
    if (spec.type === "ExternalName") return;
    if (spec.type !== "ClusterIP") fill(spec, { externalTrafficPolicy: "Cluster" });
    if (spec.type === "LoadBalancer") fill(spec, { allocateLoadBalancerNodePorts: true });
    fill(spec, { internalTrafficPolicy: "Cluster", ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" });
    if (!spec.clusterIP) spec.clusterIP = mapAt(context.before ?? {}, "spec")?.clusterIP ?? context.address();
    fill(spec, { clusterIPs: [spec.clusterIP] });
    if (spec.sessionAffinity === "ClientIP")
      fill(spec, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } });
  },
  Secret(object) {
    fill(object, { type: "Opaque" });
    const texts = mapAt(object, "stringData");
    if (texts === undefined) return;
    const data = { ...mapAt(object, "data") };
    for (const [key, text] of Object.entries(texts)) data[key] = Buffer.from(String(text)).toString("base64");
    object.data = data;
    delete object.stringData;
  },
  Namespace(object, spec) {
    object.metadata.labels = { ...object.metadata.labels, "kubernetes.io/metadata.name": object.metadata.name };
    if (object.metadata.deletionTimestamp === undefined) fill(spec, { finalizers: ["kubernetes"] });
    object.spec = spec;
  },
  PersistentVolumeClaim(_, spec) {
    fillClaim(spec);
  },
  PersistentVolume(_, spec) {
    normaliseQuantities(mapAt(spec, "capacity"));
    fill(spec, { persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" });
  },
  ResourceQuota(_, spec) {
    normaliseQuantities(mapAt(spec, "hard"));
  },
  LimitRange(_, spec) {
    for (const limit of mapsAt(spec, "limits"))
      for (const key of ["max", "min", "default", "defaultRequest"]) normaliseQuantities(mapAt(limit, key));
  },
  Ingress(_, spec) {
    for (const rule of mapsAt(spec, "rules"))
      for (const path of mapsAt(mapAt(rule, "http") ?? {}, "paths")) fill(path, { pathType: "ImplementationSpecific" });
  },
  NetworkPolicy(_, spec) {
    const egress = Array.isArray(spec.egress) && spec.egress.length > 0;
    fill(spec, { policyTypes: egress ? ["Ingress", "Egress"] : ["Ingress"] });
    for (const rule of [...mapsAt(spec, "ingress"), ...mapsAt(spec, "egress")])
      for (const port of mapsAt(rule, "ports")) fill(port, { protocol: "TCP" });
  },
  HorizontalPodAutoscaler(_, spec) {
    fill(spec, { minReplicas: 1 });
  },
  RoleBinding: fillBinding,
  ClusterRoleBinding: fillBinding,
  StorageClass(object) {
    fill(object, { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" });
  },
  PriorityClass(object) {
    fill(object, { preemptionPolicy: "PreemptLowerPriority" });
  },
  CustomResourceDefinition(object, spec) {
    const names = mapAt(spec, "names") ?? {};
    if (typeof names.kind === "string")
      fill(names, { singular: names.kind.toLowerCase(), listKind: `${names.kind}List` });
    fill(spec, { conversion: { strategy: "None" } });
    object.spec = spec;
  },
};

function fillClaim(spec: Fields): void {
  fill(spec, { volumeMode: "Filesystem" });
  normaliseQuantities(mapAt(mapAt(spec, "resources") ?? {}, "requests"));
}
function fillBinding(object: KubeObject): void {
  const role = mapAt(object, "roleRef");
  if (role !== undefined) fill(role, { apiGroup: "rbac.authorization.k8s.io" });
  for (const subject of mapsAt(object, "subjects"))
    if (subject.kind !== "ServiceAccount") fill(subject, { apiGroup: "rbac.authorization.k8s.io" });
}
function ownSelector(object: KubeObject, spec: Fields, uid: string): void {
  const template = mapAt(spec, "template");
  if (template === undefined) return;
  fill(template, { metadata: {} });
  const metadata = mapAt(template, "metadata") ?? {};
  metadata.labels = {
    ...mapAt(metadata, "labels"),
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": object.metadata.name,
    "controller-uid": uid,
    "job-name": object.metadata.name,
  };
  fill(spec, { selector: { matchLabels: { "batch.kubernetes.io/controller-uid": uid } } });
}

/** Fills an object of a built-in kind in place with what the real server fills. */
export function fillDefaults(object: KubeObject, context: DefaultContext): void {
  byKind[object.kind]?.(object, mapAt(object, "spec") ?? {}, context);
  const status = mapAt(object, "status");
  if (status === undefined) return;
  for (const key of ["capacity", "allocatable", "hard", "used"]) normaliseQuantities(mapAt(status, key));
}

const initial: Readonly<Record<string, unknown>> = {
  Namespace: { phase: "Active" },
  Pod: { phase: "Pending" },
  PersistentVolumeClaim: { phase: "Pending" },
  PersistentVolume: { phase: "Pending" },
  Service: { loadBalancer: {} },
  Ingress: { loadBalancer: {} },
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  ReplicationController: { replicas: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  DaemonSet: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  Job: {},
  CronJob: {},
  ResourceQuota: {},
};

/** The status a new object of a kind starts with. */
export function initialStatus(kind: string): unknown {
  return structuredClone(initial[kind]);
}
