import { type ImageRules, noImageRules } from "../model/documents.ts";
import { groupKind, type KubeObject } from "../model/kubernetes.ts";
import { type Workload, workloadId } from "../model/workload.ts";
import { policyOf } from "../policies/annotations.ts";
import type { Marker } from "./markers.ts";
import type { ImagePlace } from "./place.ts";
import { configuredImages } from "./places/field.ts";
import { imageReaders } from "./places/kinds.ts";
import { kustomizeImagesAt } from "./places/kustomize.ts";
import { withMarkers } from "./places/marked.ts";
import { withUniqueNames } from "./places/names.ts";
import { imagesInValues } from "./places/values.ts";
import { contentOf, type ManifestObject } from "./read.ts";

/**
 * All images of an object, each under a name of its own; init containers first, in the order written. Empty for what
 * runs no image. Markers stand in the text only: give those that were read with the object.
 */
export function imagePlaces(
  object: KubeObject,
  rules: ImageRules = noImageRules,
  markers: readonly Marker[] = [],
): ImagePlace[] {
  const known = imageReaders.get(groupKind(object))?.(object) ?? [];
  const configured = rules.fields.length === 0 ? [] : configuredImages(object, rules.fields);
  const written = configured.length === 0 ? known : eachFieldOnce([...known, ...configured]);
  const places = withUniqueNames(withMarkers(object, written, markers));
  const fixed = whyFixed(object);
  return fixed === undefined ? places : places.map((place) => ({ ...place, fixed }));
}

/** All images of an entry as it was read, also of a file that holds no object; paths lead into `contentOf(entry)`. */
export function imagePlacesOf(entry: ManifestObject, rules: ImageRules = noImageRules): ImagePlace[] {
  if (entry.foreign === undefined) return imagePlaces(entry.object, rules, entry.markers);
  const content = contentOf(entry);
  const places =
    entry.foreign.kind === "kustomization"
      ? kustomizeImagesAt(content, ["images"])
      : imagesInValues(content, [], "values file");
  return withUniqueNames(withMarkers(content, places, entry.markers ?? []));
}

/** The workload an entry is, or undefined for everything that runs no image. */
export function workloadOf(
  entry: ManifestObject,
  file: string,
  rules: ImageRules = noImageRules,
): Workload | undefined {
  const places = imagePlacesOf(entry, rules);
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
    containers: places.map(({ shape: _, parts: __, ...container }) => container),
    policy: policyOf(annotationsOf(object)),
  };
}

/** Leaves out a place of which a field is part of one before it: configured fields may say what is known already. */
function eachFieldOnce(places: readonly ImagePlace[]): ImagePlace[] {
  const taken = new Set<string>();
  return places.filter(({ shape, parts }) => {
    const paths = parts.map(({ path }) => path.join("\0"));
    if (shape === "field" && paths.some((path) => taken.has(path))) return false;
    for (const path of paths) taken.add(path);
    return true;
  });
}

function annotationsOf(object: KubeObject): Readonly<Record<string, unknown>> {
  const annotations: unknown = object.metadata.annotations;
  return typeof annotations === "object" && annotations !== null ? (annotations as Record<string, unknown>) : {};
}

/** On an object: the agent may delete and make it again where the cluster refuses to change it. */
export const replaceAnnotation = "sluice.dev/replace";
/** Whether an object asks to be made again where it cannot be changed. */
export function mayBeReplaced(object: KubeObject): boolean {
  return annotationsOf(object)[replaceAnnotation] === "true";
}

/** Kinds whose images the cluster lets nobody change once the object stands. */
function whyFixed(object: KubeObject): string | undefined {
  if (groupKind(object) !== "batch/Job" || mayBeReplaced(object)) return undefined;
  return `a Job's template cannot be changed once the Job was made; annotate it with ${replaceAnnotation}: "true" so that the agent deletes it and makes it again, or give the new one another name`;
}
