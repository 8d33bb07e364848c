import type { KubeObject } from "../../model/kubernetes.ts";
import { conflict, otherObject } from "./failure.ts";
import type { ResourceType } from "./kinds.ts";
import type { Objects } from "./objects.ts";

/** What a DELETE asks for, from its body and query. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}
export type Deletion =
  | { readonly state: "gone"; readonly object: KubeObject }
  | { readonly state: "going"; readonly object: KubeObject };
const waiting = { Foreground: "foregroundDeletion", Orphan: "orphan" } as const;

/**
 * Deletes an object, or marks it when something has to happen first: a bound pod waits for its kubelet, finalizers
 * for whoever set them, a namespace for what is in it.
 */
export function deleteObject(
  objects: Objects,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions,
): Deletion {
  const live = objects.get(type, namespace, name);
  requirePreconditions(type, live, options);
  const grace = graceOf(type, live, options);
  const policy = options.propagationPolicy;
  const extra = policy === "Foreground" || policy === "Orphan" ? [waiting[policy]] : [];
  const finalizers = [...new Set([...(live.metadata.finalizers ?? []), ...extra])];
  const stays = finalizers.length > 0 || grace > 0 || type.kind === "Namespace";
  if (options.dryRun?.includes("All")) return { state: stays ? "going" : "gone", object: live };
  if (!stays) return { state: "gone", object: objects.drop(type, live) };
  const already = live.metadata.deletionTimestamp !== undefined;
  if (already && grace >= Number(live.metadata.deletionGracePeriodSeconds ?? 0) && extra.length === 0)
    return { state: "going", object: live };
  const marked: KubeObject = {
    ...live,
    metadata: {
      ...live.metadata,
      deletionTimestamp: objects.time(grace * 1_000),
      deletionGracePeriodSeconds: grace,
      ...(live.metadata.generation === undefined || already ? {} : { generation: live.metadata.generation + 1 }),
      ...(finalizers.length === 0 ? {} : { finalizers }),
    },
  };
  if (type.kind === "Namespace") marked.status = { ...(live.status as object), phase: "Terminating" };
  return { state: "going", object: objects.put(type, marked) };
}

function requirePreconditions(type: ResourceType, { metadata }: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== metadata.uid) throw otherObject(type, metadata.name, uid, metadata.uid);
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      type,
      metadata.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    );
}

/** Seconds a pod has to end; only a pod on a node that has not ended needs any. */
function graceOf(type: ResourceType, live: KubeObject, options: DeleteOptions): number {
  if (type.kind !== "Pod") return 0;
  const spec = (live.spec ?? {}) as { nodeName?: string; terminationGracePeriodSeconds?: number };
  const { phase } = (live.status ?? {}) as { phase?: string };
  if (!spec.nodeName || phase === "Succeeded" || phase === "Failed") return 0;
  return options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
}
