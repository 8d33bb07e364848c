import { parseImage } from "../../model/image.ts";
import { readAs, readFile } from "../files.ts";
import type { ImagePlace } from "../place.ts";
import type { ManifestObject, YamlText } from "../read.ts";
import { imagePlacesOf } from "../workloads.ts";
import type { ImageEdit } from "./edits.ts";
import { means } from "./parts.ts";
import { type EditSource, inDocument, placesOf, refuseAt } from "./source.ts";

/**
 * Where an image stands in several fields, reads the places of its workload again: throws `invalid_manifest` unless
 * those edited mean the new reference now, and the others what they meant before (a registry may be shared).
 */
export function proveImages(source: EditSource, text: string, after: YamlText, edits: readonly ImageEdit[]): void {
  const split = [...new Set(edits.map(({ workload }) => workload))]
    .map((workload) => source.byWorkload.get(workload))
    .filter((entry) => entry !== undefined)
    .map((entry) => ({ entry, places: placesOf(source, entry) }))
    .filter(({ places }) => places.some(({ parts }) => parts.length !== 1 || parts[0]!.holds !== "reference"));
  if (split.length === 0) return;
  const read = readFile(text, readAs(source.file, source.rules), after);
  for (const { entry, places } of split) {
    const now = read.ok ? read.file.objects.find((other) => samePlace(other, entry)) : undefined;
    const images = new Map(now && imagePlacesOf(now, source.rules).map((place) => [place.container, place.image]));
    const mine = new Map(
      edits.filter(({ workload }) => source.byWorkload.get(workload) === entry).map((edit) => [edit.container, edit]),
    );
    for (const place of places) {
      const edit = mine.get(place.container);
      const image = images.get(place.container);
      if (edit === undefined ? image === place.image : isMeant(image, edit.image)) continue;
      throw notMeant(source, entry, place, edit?.image ?? place.image, image);
    }
  }
}

function samePlace(a: ManifestObject, b: ManifestObject): boolean {
  return a.document === b.document && a.item === b.item;
}

function isMeant(image: string | undefined, wanted: string): boolean {
  const ref = parseImage(wanted);
  return image !== undefined && ref !== undefined && means(image, ref);
}

function notMeant(
  source: EditSource,
  entry: ManifestObject,
  { parts, container }: ImagePlace,
  wanted: string,
  image: string | undefined,
) {
  const got = image === undefined ? "could not be read any more" : `would be ${image}`;
  return refuseAt(
    source,
    entry.document,
    inDocument(entry, parts[0]?.path ?? []),
    `the image of ${container} is to be ${wanted} and ${got}; does it share a field with another image? Write its fields out`,
  );
}
