import type { SluiceError } from "../../errors.ts";
import { parseImage } from "../../model/image.ts";
import { contentOf, type ManifestObject } from "../read.ts";
import type { AnnotationEdit, ImageEdit, ManifestEdit } from "./edits.ts";
import type { FieldChange } from "./fieldChange.ts";
import { labelsFollowing } from "./labels.ts";
import { partValues } from "./parts.ts";
import { type EditSource, inDocument, placesOf, refusal, refuseAt } from "./source.ts";

/**
 * The fields that an edit means to change in a file, whether they are right already or not. Pure but for its refusals:
 * throws `invalid_manifest` with file, line and reason.
 */
export function plan(source: EditSource, edit: ManifestEdit): FieldChange[] {
  return edit.kind === "annotations" ? planAnnotations(source, edit) : planImage(source, edit);
}

function planImage(source: EditSource, { workload, container, image }: ImageEdit): FieldChange[] {
  const entry = source.byWorkload.get(workload);
  const places = entry === undefined ? [] : placesOf(source, entry);
  const place = places.find((candidate) => candidate.container === container);
  if (entry === undefined || place === undefined)
    throw refusal(source.file, entry?.line, `${workload} has no container ${container} in this file`);
  const ref = parseImage(image);
  if (ref === undefined)
    throw refusal(source.file, entry.line, `${JSON.stringify(shortened(image))} is no image reference`);
  const what = `the image of ${workload} ${container}`;
  const refuse = (reason: string): SluiceError => {
    const path = place.parts[0]?.path ?? [];
    return refuseAt(source, entry.document, inDocument(entry, path), reason);
  };
  const stays = place.image === image;
  if (place.fixed !== undefined && !stays) throw refuse(place.fixed);
  const parts = stays ? [] : partValues(place, contentOf(entry), ref);
  if ("refusal" in parts) throw refuse(parts.refusal);
  const labels = entry.foreign === undefined ? labelsFollowing(entry.object, places, place, ref, source.selectors) : [];
  if ("refusal" in labels) throw refuse(labels.refusal);
  return [
    ...parts.map((part) => ({ ...part, document: entry.document, path: inDocument(entry, part.path), what })),
    ...labels.map(({ path, key, value }) => ({
      document: entry.document,
      path: inDocument(entry, path),
      value,
      what: `the label ${key} of ${workload}`,
      follows: true as const,
    })),
  ];
}

function planAnnotations(source: EditSource, { workload, set, remove }: AnnotationEdit): FieldChange[] {
  const entry = source.byWorkload.get(workload);
  if (entry === undefined) throw refusal(source.file, undefined, `${workload} is not in this file`);
  if (entry.foreign?.kind === "values")
    throw refusal(source.file, entry.line, "a file of chart values has no annotations, so nothing can be kept in them");
  const gone = new Set(remove);
  return [
    ...[...gone].map((key) => annotation(entry, workload, key)),
    ...Object.entries(set)
      .filter(([key]) => !gone.has(key))
      .map(([key, value]) => {
        if (!key.isWellFormed() || !value.isWellFormed())
          throw refusal(source.file, entry.line, `the annotation ${JSON.stringify(key)} holds text that is no Unicode`);
        return { ...annotation(entry, workload, key), value };
      }),
  ];
}

function annotation(entry: ManifestObject, workload: string, key: string): FieldChange {
  const path = inDocument(entry, ["metadata", "annotations", key]);
  return { document: entry.document, path, what: `the annotation ${JSON.stringify(shortened(key))} of ${workload}` };
}

/** Texts of people are shown in full only where they are short. */
function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}
