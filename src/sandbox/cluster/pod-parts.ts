import type { KubeObject } from "../../model/kubernetes.ts";
import { badRequest, conflict } from "./failure.ts";
import { apiVersionOf, builtInType, type ResourceType } from "./kinds.ts";
import type { Objects, WriteContext } from "./objects.ts";
import { type Fields, mapAt } from "./pod-defaults.ts";

interface PodCondition {
  readonly type: string;
}

/** Puts a pod on a node, once. */
export function bindPod(objects: Objects, namespace: string, name: string, body: KubeObject): void {
  const type = builtInType("Pod");
  const node = (body.target as { name?: string } | undefined)?.name;
  if (!node) throw badRequest("a Binding names a node in target.name");
  const live = objects.get(type, namespace, name);
  const { nodeName } = (live.spec ?? {}) as { nodeName?: string };
  if (live.metadata.deletionTimestamp !== undefined)
    throw conflict(type, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (nodeName) throw conflict(type, name, `pod ${name} is already assigned to node ${JSON.stringify(nodeName)}`);
  const { conditions = [], ...status } = (live.status ?? {}) as { conditions?: PodCondition[] };
  const scheduled = { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: objects.time() };
  objects.put(type, {
    ...live,
    spec: { ...(live.spec as object), nodeName: node },
    status: { ...status, conditions: [...conditions.filter((entry) => entry.type !== "PodScheduled"), scheduled] },
  });
}

/** The scale of a workload, as the autoscaling API shows it. */
export function scaleOf(workload: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const spec = (workload.spec ?? {}) as Fields;
  const labels = mapAt(mapAt(spec, "selector") ?? {}, "matchLabels") ?? {};
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as KubeObject["metadata"],
    spec: { replicas: spec.replicas ?? 0 },
    status: {
      replicas: (workload.status as { replicas?: number } | undefined)?.replicas ?? 0,
      selector: Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(","),
    },
  };
}

/** Sets the replicas of a workload. */
export function scaleTo(
  objects: Objects,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
  change: (scale: KubeObject) => KubeObject,
  context: WriteContext,
): KubeObject {
  const asked = change(scaleOf(objects.get(type, namespace, name)));
  const replicas = mapAt(asked, "spec")?.replicas ?? 0;
  const changed = objects.patch(
    type,
    namespace,
    name,
    (live) => ({ ...live, apiVersion: apiVersionOf(type), spec: { ...(live.spec as object), replicas } }),
    context,
  );
  return scaleOf(changed);
}
