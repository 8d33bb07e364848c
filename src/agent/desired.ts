import { createHash } from "node:crypto";
import type { Marker } from "../manifests/markers.ts";
import { type KubeKind, type KubeObject, objectKey } from "../model/kubernetes.ts";
import type { ObjectProblem } from "../model/report.ts";
import { type EnvironmentTree, isConfiguration } from "../repositories/trees.ts";

/** One object Git wants in the cluster. */
export interface Desired {
  readonly key: string;
  readonly object: KubeObject;
  readonly file: string;
  readonly line: number;
  readonly hash: string;
  readonly rank: number;
  /** Markers of its text that say where images stand. */
  readonly markers: readonly Marker[];
}
export interface DesiredState {
  readonly objects: ReadonlyMap<string, Desired>;
  /** Files that cannot be read at this commit: their objects are kept. */
  readonly brokenFiles: ReadonlySet<string>;
  /** Objects that say `ignore`: neither applied nor deleted. */
  readonly ignored: ReadonlySet<string>;
  /** Configured paths without any file: what came from them is kept. */
  readonly emptyPaths: readonly string[];
  readonly problems: readonly ObjectProblem[];
}

/** Objects that others need come first (Flux v1's order, with definitions before what they define). */
const ranks: Readonly<Record<string, number>> = {
  Namespace: 0,
  CustomResourceDefinition: 1,
  ServiceAccount: 2,
  ClusterRole: 2,
  Role: 2,
  PersistentVolume: 2,
  StorageClass: 2,
  Service: 2,
  PriorityClass: 2,
  ResourceQuota: 3,
  LimitRange: 3,
  Secret: 3,
  ConfigMap: 3,
  RoleBinding: 3,
  ClusterRoleBinding: 3,
  PersistentVolumeClaim: 3,
  Ingress: 3,
  DaemonSet: 4,
  Deployment: 4,
  ReplicationController: 4,
  ReplicaSet: 4,
  Job: 4,
  CronJob: 4,
  StatefulSet: 4,
  Pod: 4,
};
/** Rank an object is applied in; prunes go the other way. */
export function rankOf(kind: string): number {
  return ranks[kind] ?? 5;
}

const ignoreKeys = ["sluice.dev/ignore", "fluxcd.io/ignore", "flux.weave.works/ignore"];
/** What `ignore` says on an object: `true` is neither applied nor deleted, `sync_only` is applied and never deleted. */
export function ignoreOf(object: KubeObject): string | undefined {
  for (const key of ignoreKeys) {
    const value = object.metadata.annotations?.[key];
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Whether kinds are namespaced: what the cluster says, and what the definitions of this commit will make true. */
export function scopesOf(
  tree: EnvironmentTree,
  resources: readonly (KubeKind & { readonly namespaced: boolean })[],
): (object: KubeObject) => boolean | undefined {
  const scopes = new Map<string, boolean>();
  for (const { result } of tree.files)
    for (const { object } of result.ok ? result.file.objects : []) {
      if (object.kind !== "CustomResourceDefinition") continue;
      const spec = object.spec as
        | { group?: string; scope?: string; names?: { kind?: string }; versions?: { name?: string }[] }
        | undefined;
      for (const version of spec?.versions ?? [])
        scopes.set(`${spec?.group}/${version.name} ${spec?.names?.kind}`, spec?.scope !== "Cluster");
    }
  for (const { apiVersion, kind, namespaced } of resources) scopes.set(`${apiVersion} ${kind}`, namespaced);
  return (object) => scopes.get(`${object.apiVersion} ${object.kind}`);
}

/** Turns the files of a commit into what the cluster shall hold. `namespaced` answers for a kind; undefined when unknown yet. */
export function desiredState(
  tree: EnvironmentTree,
  namespaced: (object: KubeObject) => boolean | undefined,
): DesiredState {
  const objects = new Map<string, Desired>();
  const problems: ObjectProblem[] = tree.emptyPaths.map((path) => ({
    file: path,
    message: `the path ${path} holds no manifest at this commit; nothing that came from it is pruned`,
  }));
  const brokenFiles = new Set<string>();
  const ignored = new Set<string>();
  for (const { path, result } of tree.files) {
    if (!result.ok) {
      brokenFiles.add(path);
      problems.push({ file: path, ...result.problem });
      continue;
    }
    for (const entry of result.file.objects) {
      if (isConfiguration(entry) || entry.foreign !== undefined) continue;
      const object = placed(entry.object, namespaced(entry.object));
      const key = objectKey(object);
      if (ignoreOf(object) === "true") {
        ignored.add(key);
        continue;
      }
      const first = objects.get(key);
      if (first !== undefined) {
        problems.push({
          file: path,
          line: entry.line,
          object: key,
          message: `${key} is written twice; the one in ${first.file} line ${first.line} counts`,
        });
        continue;
      }
      const hash = createHash("sha256").update(JSON.stringify(object)).digest("hex").slice(0, 16);
      const { line, markers = [] } = entry;
      objects.set(key, { key, object, file: path, line, hash, rank: rankOf(object.kind), markers });
    }
  }
  return { objects, brokenFiles, ignored, emptyPaths: tree.emptyPaths, problems };
}

/** The object in the namespace it goes to: none for cluster-wide kinds, `default` where Git names none, as written while nobody knows. */
function placed(object: KubeObject, namespaced: boolean | undefined): KubeObject {
  const { namespace, ...metadata } = object.metadata;
  const { status: _, ...rest } = object;
  if (namespaced === undefined) return { ...rest, metadata: object.metadata } as KubeObject;
  if (!namespaced) return { ...rest, metadata } as KubeObject;
  return { ...rest, metadata: { ...metadata, namespace: namespace ?? "default" } } as KubeObject;
}
