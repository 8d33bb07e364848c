import type { KubeKind } from "../../model/kubernetes.ts";
import { builtInSchema } from "./built-in-schemas.ts";
import type { FieldSchema } from "./schema.ts";

/** A kind the server serves, and how it is addressed. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Whether status is written by a subresource of its own, and not by the object. */
  readonly hasStatus: boolean;
  readonly subresources: readonly string[];
  readonly schema: FieldSchema;
  /** A custom resource, made by a definition. */
  readonly custom?: CustomRules;
}
/** What a definition says about the objects of its kind. */
export interface CustomRules {
  readonly openApi: unknown;
}

export const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** `group/plural`: the key of a kind's objects, whatever version they are asked in. */
export function storageKey(type: ResourceType): string {
  return `${type.group}/${type.plural}`;
}
export function apiVersionOf(type: Pick<ResourceType, "group" | "version">): string {
  return type.group === "" ? type.version : `${type.group}/${type.version}`;
}

interface Row {
  readonly short?: string;
  readonly cluster?: true;
  readonly status?: true;
  readonly more?: readonly string[];
  readonly plural?: string;
  readonly all?: true;
}
const core: Readonly<Record<string, Row>> = {
  Namespace: { short: "ns", cluster: true, status: true, more: ["finalize"] },
  Node: { short: "no", cluster: true, status: true },
  PersistentVolume: { short: "pv", cluster: true, status: true },
  Pod: { short: "po", status: true, more: ["binding", "eviction"], all: true },
  Service: { short: "svc", status: true, all: true },
  ConfigMap: { short: "cm" },
  Secret: {},
  ServiceAccount: { short: "sa" },
  Event: { short: "ev" },
  Endpoints: { short: "ep", plural: "endpoints" },
  PersistentVolumeClaim: { short: "pvc", status: true },
  ResourceQuota: { short: "quota", status: true },
  LimitRange: { short: "limits" },
  ReplicationController: { short: "rc", status: true, all: true },
};
const groups: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  v1: core,
  "apps/v1": {
    Deployment: { short: "deploy", status: true, more: ["scale"], all: true },
    ReplicaSet: { short: "rs", status: true, more: ["scale"], all: true },
    StatefulSet: { short: "sts", status: true, more: ["scale"], all: true },
    DaemonSet: { short: "ds", status: true, all: true },
    ControllerRevision: {},
  },
  "batch/v1": { Job: { status: true, all: true }, CronJob: { short: "cj", status: true, all: true } },
  "networking.k8s.io/v1": {
    Ingress: { short: "ing", status: true, plural: "ingresses" },
    NetworkPolicy: { short: "netpol", plural: "networkpolicies" },
    IngressClass: { cluster: true, plural: "ingressclasses" },
  },
  "rbac.authorization.k8s.io/v1": {
    Role: {},
    RoleBinding: {},
    ClusterRole: { cluster: true },
    ClusterRoleBinding: { cluster: true },
  },
  "policy/v1": { PodDisruptionBudget: { short: "pdb", status: true } },
  "autoscaling/v2": { HorizontalPodAutoscaler: { short: "hpa", status: true, all: true } },
  "storage.k8s.io/v1": { StorageClass: { short: "sc", cluster: true, plural: "storageclasses" } },
  "scheduling.k8s.io/v1": { PriorityClass: { short: "pc", cluster: true, plural: "priorityclasses" } },
  "coordination.k8s.io/v1": { Lease: {} },
  "apiextensions.k8s.io/v1": { CustomResourceDefinition: { short: "crd", cluster: true, status: true } },
};

function typeOf(apiVersion: string, kind: string, row: Row): ResourceType {
  const slash = apiVersion.indexOf("/");
  return {
    group: slash < 0 ? "" : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    plural: row.plural ?? `${kind.toLowerCase()}s`,
    singular: kind.toLowerCase(),
    shortNames: row.short === undefined ? [] : [row.short],
    categories: row.all ? ["all"] : [],
    namespaced: row.cluster !== true,
    hasStatus: row.status === true,
    subresources: [...(row.status ? ["status"] : []), ...(row.more ?? [])],
    schema: builtInSchema({ apiVersion, kind }),
  };
}

const builtIn: readonly ResourceType[] = Object.entries(groups).flatMap(([apiVersion, rows]) =>
  Object.entries(rows).map(([kind, row]) => typeOf(apiVersion, kind, row)),
);

/** All kinds served now: the built-in ones and those of definitions. */
export class Kinds {
  readonly #custom = new Map<string, readonly ResourceType[]>();

  all(): ResourceType[] {
    return [...builtIn, ...[...this.#custom.values()].flat()];
  }
  byPath(group: string, version: string, plural: string): ResourceType | undefined {
    return this.all().find((type) => type.group === group && type.version === version && type.plural === plural);
  }
  byKind(kind: KubeKind): ResourceType | undefined {
    return this.all().find((type) => type.kind === kind.kind && apiVersionOf(type) === kind.apiVersion);
  }
  byStorage(key: string): ResourceType | undefined {
    return this.all().find((type) => storageKey(type) === key);
  }
  /** Serves the versions of a definition; replaces what it had. */
  define(definition: string, types: readonly ResourceType[]): void {
    this.#custom.set(definition, types);
  }
  /** Stops serving a definition; answers what it had. */
  forget(definition: string): readonly ResourceType[] {
    const types = this.#custom.get(definition) ?? [];
    this.#custom.delete(definition);
    return types;
  }
}

/** A built-in kind by its name; for the server's own use. */
export function builtInType(kind: string): ResourceType {
  const found = builtIn.find((type) => type.kind === kind);
  if (found === undefined) throw new Error(`no built-in kind ${kind}`);
  return found;
}
