import type { ImageRef } from "../../model/image.ts";
import { parseImage } from "../../model/image.ts";
import type { KubeObject } from "../../model/kubernetes.ts";
import type { FieldPath } from "../locate.ts";
import type { ImagePlace } from "../place.ts";
import { type Fields, isFields } from "../places/fields.ts";
import type { Selectors } from "./selectors.ts";

/** On a workload: the labels that follow its tags instead of the usual two; comma-separated, empty for none. */
const versionLabelsAnnotation = "sluice.dev/version-labels";
const usualLabels = ["app.kubernetes.io/version", "version"];

/** A label that is to hold another tag. */
export interface LabelValue {
  readonly path: FieldPath;
  readonly key: string;
  readonly value: string;
}

/**
 * The version labels of an object that follow one of its images: those that equalled its old tag, on the object and on
 * its pod template, unless a selector of the object, or one of its neighbours that finds it, looks for them. Where
 * several images had that tag, the first one leads.
 */
export function labelsFollowing(
  object: KubeObject,
  places: readonly ImagePlace[],
  edited: ImagePlace,
  ref: ImageRef,
  selectors: Selectors,
): readonly LabelValue[] | { readonly refusal: string } {
  const oldTag = parseImage(edited.image)?.tag;
  if (oldTag === undefined || oldTag === ref.tag) return [];
  const inOrder = [...places.filter(({ init }) => !init), ...places.filter(({ init }) => init)];
  const leader = inOrder.find(({ image }) => parseImage(image)?.tag === oldTag);
  if (leader?.container !== edited.container) return [];
  const maps = labelMaps(object);
  const all = maps.map(({ labels }) => labels);
  const values: LabelValue[] = [];
  for (const { path, labels } of maps) {
    for (const key of versionLabels(object)) {
      if (!Object.hasOwn(labels, key) || labels[key] !== oldTag) continue;
      if (selectors.lookFor({ key, from: oldTag, to: ref.tag }, object, all)) continue;
      if (ref.tag === undefined || !labelValue.test(ref.tag)) return { refusal: notALabel(key, ref) };
      values.push({ path: [...path, key], key, value: ref.tag });
    }
  }
  return values;
}

/** What the API server takes for a label's value. */
const labelValue = /^(?=.{1,63}$)[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

function notALabel(key: string, { tag, written }: ImageRef): string {
  const why =
    tag === undefined
      ? `${written} has no tag for it`
      : `${tag} is no value for a label (at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends)`;
  return `the label ${key} follows the tag, and ${why}; choose another version, or annotate the workload with ${versionLabelsAnnotation} naming the labels that shall follow`;
}

function versionLabels(object: KubeObject): readonly string[] {
  const named: unknown = object.metadata.annotations?.[versionLabelsAnnotation];
  if (typeof named !== "string") return usualLabels;
  return [
    ...new Set(
      named
        .split(",")
        .map((key) => key.trim())
        .filter((key) => key !== ""),
    ),
  ];
}

interface LabelMap {
  readonly path: FieldPath;
  readonly labels: Fields;
}
/** The labels of an object and of every template inside it, down to the pod's. */
function labelMaps(object: KubeObject): LabelMap[] {
  const maps: LabelMap[] = [];
  const add = (level: unknown, path: FieldPath): void => {
    if (!isFields(level)) return;
    const { metadata, spec } = level;
    if (isFields(metadata) && isFields(metadata.labels))
      maps.push({ path: [...path, "metadata", "labels"], labels: metadata.labels });
    if (!isFields(spec)) return;
    for (const template of ["template", "jobTemplate"]) add(spec[template], [...path, "spec", template]);
  };
  add(object, []);
  return maps;
}
