import type { KubeObject } from "../../model/kubernetes.ts";
import { ApiFailure } from "./failure.ts";
import { entriesByKey } from "./fields.ts";
import { apiVersionOf, type ResourceType } from "./kinds.ts";
import { child, entryKey, type FieldSchema, isAssociative, isMap } from "./schema.ts";

/** Fields a kind declares, as far as people write them: names, with the type of a value where it is often mistaken. */
interface Shape {
  readonly [field: string]: "any" | "text" | "number" | "flag" | Shape;
}
function names(text: string, more: Shape = {}): Shape {
  return { ...Object.fromEntries(text.split(" ").map((name) => [name, "any" as const])), ...more };
}

const metadata = names(
  "annotations labels finalizers ownerReferences name namespace generateName uid managedFields " +
    "resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds selfLink",
);
const container = names(
  "command args envFrom resources resizePolicy restartPolicyRules volumeDevices livenessProbe readinessProbe " +
    "startupProbe lifecycle securityContext",
  {
    name: "text",
    image: "text",
    workingDir: "text",
    imagePullPolicy: "text",
    restartPolicy: "text",
    terminationMessagePath: "text",
    terminationMessagePolicy: "text",
    stdin: "flag",
    stdinOnce: "flag",
    tty: "flag",
    env: names("valueFrom", { name: "text", value: "text" }),
    ports: { name: "text", containerPort: "number", hostPort: "number", protocol: "text", hostIP: "text" },
    volumeMounts: names("readOnly recursiveReadOnly mountPropagation", {
      name: "text",
      mountPath: "text",
      subPath: "text",
      subPathExpr: "text",
    }),
  },
);
const podSpec = names(
  "volumes ephemeralContainers activeDeadlineSeconds nodeSelector automountServiceAccountToken hostNetwork hostPID " +
    "hostIPC shareProcessNamespace securityContext imagePullSecrets affinity tolerations hostAliases priority " +
    "dnsConfig readinessGates enableServiceLinks preemptionPolicy overhead topologySpreadConstraints " +
    "setHostnameAsFQDN os hostUsers schedulingGates resourceClaims resources schedulingGroup",
  {
    containers: container,
    initContainers: container,
    restartPolicy: "text",
    terminationGracePeriodSeconds: "number",
    dnsPolicy: "text",
    serviceAccountName: "text",
    serviceAccount: "text",
    nodeName: "text",
    hostname: "text",
    hostnameOverride: "text",
    subdomain: "text",
    schedulerName: "text",
    priorityClassName: "text",
    runtimeClassName: "text",
  },
);
const template: Shape = { metadata, spec: podSpec };
const jobSpec = names(
  "selector podFailurePolicy successPolicy completionMode suspend podReplacementPolicy managedBy manualSelector",
  {
    template,
    parallelism: "number",
    completions: "number",
    activeDeadlineSeconds: "number",
    backoffLimit: "number",
    backoffLimitPerIndex: "number",
    maxFailedIndexes: "number",
    ttlSecondsAfterFinished: "number",
  },
);
const counts: Shape = { replicas: "number", minReadySeconds: "number", revisionHistoryLimit: "number" };
const specs: Readonly<Record<string, Shape>> = {
  Pod: podSpec,
  Deployment: names("selector strategy", { ...counts, template, paused: "flag", progressDeadlineSeconds: "number" }),
  ReplicaSet: names("selector", { replicas: "number", minReadySeconds: "number", template }),
  StatefulSet: names(
    "selector volumeClaimTemplates updateStrategy podManagementPolicy persistentVolumeClaimRetentionPolicy ordinals",
    { ...counts, template, serviceName: "text" },
  ),
  DaemonSet: names("selector updateStrategy", { minReadySeconds: "number", revisionHistoryLimit: "number", template }),
  Job: jobSpec,
  CronJob: names("concurrencyPolicy", {
    schedule: "text",
    timeZone: "text",
    suspend: "flag",
    startingDeadlineSeconds: "number",
    successfulJobsHistoryLimit: "number",
    failedJobsHistoryLimit: "number",
    jobTemplate: { metadata, spec: jobSpec },
  }),
  Service: names(
    "selector clusterIPs externalIPs loadBalancerSourceRanges ipFamilies sessionAffinityConfig " +
      "publishNotReadyAddresses allocateLoadBalancerNodePorts",
    {
      ports: names("targetPort", {
        name: "text",
        protocol: "text",
        appProtocol: "text",
        port: "number",
        nodePort: "number",
      }),
      clusterIP: "text",
      type: "text",
      sessionAffinity: "text",
      loadBalancerIP: "text",
      loadBalancerClass: "text",
      externalName: "text",
      externalTrafficPolicy: "text",
      internalTrafficPolicy: "text",
      trafficDistribution: "text",
      healthCheckNodePort: "number",
      ipFamilyPolicy: "text",
    },
  ),
};
const others: Readonly<Record<string, Shape>> = {
  ConfigMap: names("data binaryData immutable"),
  Secret: names("data stringData immutable type"),
};

/**
 * Refuses an applied object that names a field its kind does not have, or twice the same entry of a keyed list, as
 * the real server does before it merges. Kinds without a shape here are not looked at.
 */
export function requireDeclared(type: ResourceType, object: KubeObject): void {
  const { kind, metadata: given } = object;
  const spec = specs[kind];
  const parts: Shape = { ...others[kind], ...(spec === undefined ? {} : { spec, status: "any" }) };
  const root: Shape = { apiVersion: "any", kind: "any", metadata, ...parts };
  const isKnown = type.custom === undefined && (kind in specs || kind in others);
  const problem = isKnown ? wrongField(object, root, type.schema, "") : duplicate(object, type.schema, "");
  if (problem === undefined) return;
  const place = `${given.namespace ?? ""}/${given.name}; ${apiVersionOf(type)}, Kind=${kind}`;
  throw new ApiFailure(500, "", `failed to create typed patch object (${place}): ${problem}`);
}

function wrongField(value: unknown, shape: Shape[string], schema: FieldSchema, path: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof shape === "string") return wrongType(value, shape, path) ?? duplicate(value, schema, path);
  if (Array.isArray(value))
    return (
      twice(value, schema, path) ??
      first(value, (entry) => wrongField(entry, shape, schema.items ?? {}, path + entryText(schema, entry)))
    );
  if (!isMap(value)) return `${path}: expected map, got ${JSON.stringify(value)}`;
  return first(Object.entries(value), ([key, entry]) =>
    shape[key] === undefined
      ? `${path}.${key}: field not declared in schema`
      : wrongField(entry, shape[key], child(schema, key), `${path}.${key}`),
  );
}
const wordings = { text: "string", number: "numeric (int or float)", flag: "boolean" } as const;
function wrongType(value: unknown, shape: string, path: string): string | undefined {
  if (shape === "any") return undefined;
  const is =
    typeof value === "string"
      ? "text"
      : typeof value === "number"
        ? "number"
        : typeof value === "boolean"
          ? "flag"
          : "";
  if (is === shape) return undefined;
  const got = is === "" ? (Array.isArray(value) ? "list" : "map") : typeof value === "number" ? "int" : typeof value;
  return `${path}: expected ${wordings[shape as keyof typeof wordings]}, got ${got}`;
}

/** Finds a keyed list that has one entry twice. */
function duplicate(value: unknown, schema: FieldSchema, path: string): string | undefined {
  if (Array.isArray(value))
    return (
      twice(value, schema, path) ??
      first(value, (entry) => duplicate(entry, schema.items ?? {}, path + entryText(schema, entry)))
    );
  if (!isMap(value)) return undefined;
  return first(Object.entries(value), ([key, entry]) => duplicate(entry, child(schema, key), `${path}.${key}`));
}
function twice(list: readonly unknown[], schema: FieldSchema, path: string): string | undefined {
  if (!isAssociative(schema) || entriesByKey(schema, list) !== undefined) return undefined;
  const seen = new Set<string>();
  for (const entry of list) {
    const key = entryKey(schema, entry);
    if (key === undefined) return undefined;
    if (seen.has(key)) return `${path}: duplicate entries for key ${entryText(schema, entry)}`;
    seen.add(key);
  }
  return undefined;
}
function entryText(schema: FieldSchema, entry: unknown): string {
  const key = entryKey(schema, entry);
  if (key === undefined) return "[0]";
  if (key.startsWith("v:")) return `[=${key.slice(2)}]`;
  const keys = Object.entries(JSON.parse(key.slice(2)) as Record<string, unknown>);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]`;
}
function first<T>(entries: Iterable<T>, find: (entry: T) => string | undefined): string | undefined {
  for (const entry of entries) {
    const found = find(entry);
    if (found !== undefined) return found;
  }
  return undefined;
}
