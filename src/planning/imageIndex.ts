import type { CatalogueImage, CatalogueRepository } from "../model/catalogue.ts";
import type { TagFilter } from "../policies/filter.ts";

/** A repository's images as plans ask for them. */
export interface ImageIndex {
  readonly byTag: ReadonlyMap<string, CatalogueImage>;
  /** Of several tags of one digest, the first. */
  readonly byDigest: ReadonlyMap<string, CatalogueImage>;
  /** What a filter allows, newest first by its own order. */
  allowed(filter: TagFilter): readonly CatalogueImage[];
}

/** By the list of images, which never changes: a scan that finds something makes a new one. */
const indexes = new WeakMap<readonly CatalogueImage[], ImageIndex>();

/** Looked through and sorted once for each list and filter, however many containers and plans ask. */
export function indexOf({ images }: CatalogueRepository): ImageIndex {
  const known = indexes.get(images);
  if (known !== undefined) return known;
  const made = makeIndex(images);
  indexes.set(images, made);
  return made;
}

function makeIndex(images: readonly CatalogueImage[]): ImageIndex {
  const byTag = new Map<string, CatalogueImage>();
  const byDigest = new Map<string, CatalogueImage>();
  for (const image of images) {
    if (!byTag.has(image.tag)) byTag.set(image.tag, image);
    if (!byDigest.has(image.digest)) byDigest.set(image.digest, image);
  }
  const sorted = new Map<string, readonly CatalogueImage[]>();
  return {
    byTag,
    byDigest,
    allowed(filter) {
      const known = sorted.get(filter.written);
      if (known !== undefined) return known;
      const made = images.filter((image) => filter.allows(image.tag)).sort(filter.compare);
      sorted.set(filter.written, made);
      return made;
    },
  };
}
