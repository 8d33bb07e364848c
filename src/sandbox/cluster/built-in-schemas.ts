import type { KubeKind } from "../../model/kubernetes.ts";
import { type FieldSchema, listBy } from "./schema.ts";

const atomic: FieldSchema = { atomic: true };
const conditions = listBy(["type"]);
const metadata: FieldSchema = {
  fields: { ownerReferences: listBy(["uid"]), finalizers: { set: true }, managedFields: atomic },
};
const selector = atomic;

const container: FieldSchema = {
  fields: {
    env: listBy(["name"], {
      fields: {
        valueFrom: {
          fields: { configMapKeyRef: atomic, secretKeyRef: atomic, fieldRef: atomic, resourceFieldRef: atomic },
        },
      },
    }),
    ports: listBy(["containerPort", "protocol"], {}, { protocol: "TCP" }),
    volumeMounts: listBy(["mountPath"]),
    volumeDevices: listBy(["devicePath"]),
    resources: { fields: { claims: listBy(["name"]) } },
  },
};
const podSpec: FieldSchema = {
  fields: {
    containers: listBy(["name"], container),
    initContainers: listBy(["name"], container),
    ephemeralContainers: listBy(["name"], container),
    volumes: listBy(["name"]),
    imagePullSecrets: listBy(["name"]),
    hostAliases: listBy(["ip"]),
    topologySpreadConstraints: listBy(["topologyKey", "whenUnsatisfiable"], { fields: { labelSelector: atomic } }),
    schedulingGates: listBy(["name"]),
    resourceClaims: listBy(["name"]),
    nodeSelector: atomic,
  },
};
const template: FieldSchema = { fields: { metadata, spec: podSpec } };
const workload: FieldSchema = { fields: { selector, template } };
const usualStatus: FieldSchema = { fields: { conditions } };
const jobSpec: FieldSchema = { fields: { selector, template } };

const table: Readonly<
  Record<string, { spec?: FieldSchema; status?: FieldSchema; more?: Record<string, FieldSchema> }>
> = {
  Pod: {
    spec: podSpec,
    status: { fields: { conditions, podIPs: listBy(["ip"]), hostIPs: atomic } },
  },
  Deployment: { spec: workload, status: usualStatus },
  ReplicaSet: { spec: workload, status: usualStatus },
  StatefulSet: { spec: workload, status: usualStatus },
  DaemonSet: { spec: workload, status: usualStatus },
  ReplicationController: { spec: { fields: { selector: atomic, template } }, status: usualStatus },
  Job: { spec: jobSpec },
  CronJob: { spec: { fields: { jobTemplate: { fields: { metadata, spec: jobSpec } } } }, status: {} },
  Service: {
    spec: { fields: { selector: atomic, ports: listBy(["port", "protocol"], {}, { protocol: "TCP" }) } },
    status: usualStatus,
  },
  ServiceAccount: { more: { secrets: listBy(["name"]) } },
  Node: {
    spec: { fields: { podCIDRs: { set: true } } },
    status: { fields: { conditions, addresses: listBy(["type"]) } },
  },
  Namespace: { status: usualStatus },
  PersistentVolumeClaim: { spec: { fields: { selector } }, status: usualStatus },
  NetworkPolicy: { spec: { fields: { podSelector: atomic } } },
  PodDisruptionBudget: { spec: { fields: { selector } }, status: usualStatus },
  HorizontalPodAutoscaler: { spec: { fields: { scaleTargetRef: {} } }, status: usualStatus },
  CustomResourceDefinition: { status: usualStatus },
  RoleBinding: { more: { roleRef: atomic } },
  ClusterRoleBinding: { more: { roleRef: atomic } },
  ClusterRole: { more: { aggregationRule: {} } },
};

/** The schema of a built-in kind's fields: list keys of the workload kinds, atomic maps, sets. */
export function builtInSchema({ kind }: KubeKind): FieldSchema {
  const row = table[kind] ?? {};
  return {
    fields: {
      metadata,
      ...(row.spec === undefined ? {} : { spec: row.spec }),
      ...(row.status === undefined ? {} : { status: row.status }),
      ...row.more,
    },
  };
}

/** The metadata's schema, for custom resources. */
export const metadataSchema = metadata;
