import { type ImageRules, noImageRules } from "../model/documents.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import { groupKind } from "../model/kubernetes.ts";
import { type Workload, workloadId } from "../model/workload.ts";
import { policyOf } from "../policies/annotations.ts";
import type { FieldPath } from "./locate.ts";
import type { ImagePlace } from "./place.ts";
import type { ManifestObject } from "./read.ts";

/** Where a kind keeps its pod template. A new kind is a line here. */
const podSpecs: ReadonlyMap<string, FieldPath> = new Map([
  ["apps/Deployment", ["spec", "template", "spec"]],
  ["apps/StatefulSet", ["spec", "template", "spec"]],
  ["apps/DaemonSet", ["spec", "template", "spec"]],
  ["apps/ReplicaSet", ["spec", "template", "spec"]],
  ["extensions/Deployment", ["spec", "template", "spec"]],
  ["extensions/DaemonSet", ["spec", "template", "spec"]],
  ["extensions/ReplicaSet", ["spec", "template", "spec"]],
  ["ReplicationController", ["spec", "template", "spec"]],
  ["batch/Job", ["spec", "template", "spec"]],
  ["batch/CronJob", ["spec", "jobTemplate", "spec", "template", "spec"]],
  ["Pod", ["spec"]],
]);

/** What the API server takes for a container's name, and a little more; other names never run and are passed over. */
const containerName = /^[A-Za-z0-9_.-]+$/;

/** All images of an object, init containers first, in the order written. Empty for kinds without containers. */
export function imagePlaces(object: KubeObject, _rules: ImageRules = noImageRules): ImagePlace[] {
  const base = podSpecs.get(groupKind(object));
  if (base === undefined) return [];
  const spec = field(object, base);
  const places: ImagePlace[] = [];
  for (const list of ["initContainers", "containers"] as const) {
    const containers = field(spec, [list]);
    if (!Array.isArray(containers)) continue;
    containers.forEach((container: unknown, index) => {
      const name = field(container, ["name"]);
      const image = field(container, ["image"]);
      if (typeof name !== "string" || !containerName.test(name) || typeof image !== "string") return;
      places.push({
        container: name,
        image,
        init: list === "initContainers",
        shape: "container",
        parts: [{ path: [...base, list, index, "image"], holds: "reference" }],
      });
    });
  }
  return places;
}

/** The workload an object is, or undefined for everything that runs no image. */
export function workloadOf(
  entry: ManifestObject,
  file: string,
  rules: ImageRules = noImageRules,
): Workload | undefined {
  const places = imagePlaces(entry.object, rules);
  if (places.length === 0) return undefined;
  const { object } = entry;
  const namespace = object.metadata.namespace ?? "default";
  return {
    id: workloadId(namespace, object.kind, object.metadata.name),
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace,
    name: object.metadata.name,
    file,
    line: entry.line,
    containers: places.map(({ container, image, init }) => ({ container, image, init })),
    policy: policyOf(annotationsOf(object)),
  };
}

function annotationsOf(object: KubeObject): Readonly<Record<string, unknown>> {
  const annotations: unknown = object.metadata.annotations;
  return typeof annotations === "object" && annotations !== null ? (annotations as Record<string, unknown>) : {};
}

/** The value at a path; undefined where it leads nowhere. */
function field(value: unknown, path: FieldPath): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Object.hasOwn(at, step) ? (at as Record<string | number, unknown>)[step] : undefined;
  }
  return at;
}
