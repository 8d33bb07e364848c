import { SluiceError } from "../errors.ts";
import { writeManifest } from "../manifests/write.ts";
import { groupKind, type KubeKind, type KubeObject } from "../model/kubernetes.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";
import { maxExportLength } from "../model/protocol.ts";

/** What is exported, in this order within a namespace. Nothing here may hold what is secret. */
const exportedKinds = [
  "Service",
  "apps/Deployment",
  "apps/StatefulSet",
  "apps/DaemonSet",
  "batch/CronJob",
  "flux.weave.works/HelmRelease",
  "helm.fluxcd.io/HelmRelease",
  "helm.toolkit.fluxcd.io/HelmRelease",
  "argoproj.io/Rollout",
  "serving.knative.dev/Service",
];
const namespaceKind = { apiVersion: "v1", kind: "Namespace" };
/** What the cluster adds to an object, or tells of it. */
const clusterFields = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields",
  "selfLink",
];
const clusterAnnotations = ["kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision"];

/**
 * The namespaces and what runs in them as YAML that could be applied again: Namespace, Service and every kind of
 * workload, without what the cluster itself adds, and without what a controller made of them. What the agent may not
 * read is named in a comment. Throws `too_large` past the bound of an export.
 */
export async function exportObjects(client: KubernetesClient, namespaces: Iterable<string>): Promise<string> {
  const kinds = await kindsHere(client);
  const unread: string[] = [];
  const documents: string[] = [];
  let length = 0;
  for (const namespace of [...new Set(namespaces)].sort()) {
    const lists = await Promise.all([
      readable(`Namespace ${namespace}`, unread, async () => {
        const found = await client.get(namespaceKind, undefined, namespace);
        return found === undefined ? [] : [found];
      }),
      ...kinds.map((kind) =>
        readable(`${kind.kind} in ${namespace}`, unread, async () => (await client.list(kind, { namespace })).items),
      ),
    ]);
    for (const object of lists.flatMap(ownObjects)) {
      const document = writeManifest(asWritten(object));
      length += document.length;
      if (length > maxExportLength)
        throw new SluiceError("too_large", `what runs is more than ${maxExportLength / 1024 / 1024} MB of YAML`);
      documents.push(document);
    }
  }
  const notes = unread.sort().map((what) => `# not exported, the agent may not read it: ${what}\n`);
  return [...documents, ...notes].join("");
}

/** The kinds that this cluster has, each in the version it names first. */
async function kindsHere(client: KubernetesClient): Promise<KubeKind[]> {
  const resources = await client.resources();
  return exportedKinds.flatMap((wanted) => {
    const found = resources.find((entry) => groupKind(entry) === wanted && entry.verbs.includes("list"));
    return found === undefined ? [] : [{ apiVersion: found.apiVersion, kind: found.kind }];
  });
}

/** The objects, or none and a note where the cluster forbids to read them. */
async function readable(
  what: string,
  unread: string[],
  read: () => Promise<readonly KubeObject[]>,
): Promise<readonly KubeObject[]> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SluiceError) || error.facts.status !== 403) throw error;
    unread.push(what);
    return [];
  }
}

/** Those that somebody wrote, by name: what a controller made comes back by itself. */
function ownObjects(objects: readonly KubeObject[]): KubeObject[] {
  return objects
    .filter(({ metadata }) => !metadata.ownerReferences?.some((owner) => owner.controller === true))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** An object as a person would have written it. */
function asWritten(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata, status: _, ...rest } = object;
  const kept = Object.fromEntries(
    Object.entries(metadata).filter(([field]) => !clusterFields.includes(field)),
  ) as KubeObject["metadata"];
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => !clusterAnnotations.includes(key));
  delete kept.annotations;
  if (annotations.length > 0) kept.annotations = Object.fromEntries(annotations);
  return { apiVersion, kind, metadata: kept, ...withoutAssigned(object, rest) };
}

/** Addresses of a Service and finalizers of a Namespace are given by the cluster, and another one gives others. */
function withoutAssigned({ apiVersion, kind }: KubeKind, fields: Record<string, unknown>): Record<string, unknown> {
  const { spec, ...rest } = fields as { spec?: Record<string, unknown> };
  if (apiVersion !== "v1" || spec === undefined) return fields;
  if (kind === "Namespace") return rest;
  const { clusterIP, clusterIPs: _, ...kept } = spec;
  return { ...rest, spec: clusterIP === "None" ? { clusterIP, ...kept } : kept };
}
