import type { CatalogueImage, CatalogueRepository } from "../model/catalogue.ts";
import { sameVersion, type Version } from "../model/image.ts";
import { newerFirst, readVersion, type TagFilter } from "../policies/filter.ts";

/** Where a version stands against another: `unknown` when neither build times nor version numbers tell. */
export type Order = "newer" | "older" | "same" | "unknown";

/**
 * Compares two versions of one repository: by build time where both are known, else by version number. Of two digests
 * of one tag, the one the tag has now is the newer: the other had it before.
 */
export function compareVersions(a: Version, b: Version, repository: CatalogueRepository | undefined): Order {
  if (sameVersion(a, b)) return "same";
  const first = findImage(repository, a);
  const second = findImage(repository, b);
  if (first !== undefined && first.digest === second?.digest) return "same";
  if (first?.createdAt !== undefined && second?.createdAt !== undefined && first.createdAt !== second.createdAt)
    return first.createdAt > second.createdAt ? "newer" : "older";
  if (a.tag !== "" && a.tag === b.tag) return compareMoved(a, b, repository);
  const [left, right] = [readVersion(a.tag), readVersion(b.tag)];
  if (left === undefined || right === undefined) return "unknown";
  const order = left.compare(right);
  return order === 0 ? "same" : order > 0 ? "newer" : "older";
}

function compareMoved(a: Version, b: Version, repository: CatalogueRepository | undefined): Order {
  const now = repository?.images.find((image) => image.tag === a.tag)?.digest;
  return now === undefined ? "unknown" : now === a.digest ? "newer" : now === b.digest ? "older" : "unknown";
}

/**
 * The catalogued image that a version is: the one of its digest (under its own tag where several tags share it), or of
 * its tag where it names no digest. A tag that has another digest by now is another image.
 */
export function findImage(repository: CatalogueRepository | undefined, version: Version): CatalogueImage | undefined {
  const images = repository?.images ?? [];
  const byTag = images.find((image) => image.tag === version.tag);
  if (version.digest === undefined || byTag?.digest === version.digest) return byTag;
  return images.find((image) => image.digest === version.digest);
}

/** Images a filter allows, newest first by the filter's own order. */
export function allowedImages(repository: CatalogueRepository | undefined, filter: TagFilter): CatalogueImage[] {
  return (repository?.images ?? []).filter((image) => filter.allows(image.tag)).sort(filter.compare);
}

/** How many allowed images are newer than a version; undefined when that cannot be told. */
export function countNewer(
  repository: CatalogueRepository | undefined,
  filter: TagFilter,
  version: Version,
): number | undefined {
  const current = findImage(repository, version);
  if (current === undefined) return undefined;
  const compare = filter.byTime ? newerFirst : filter.compare;
  return allowedImages(repository, filter).filter(
    (image) => image.digest !== current.digest && compare(image, current) < 0,
  ).length;
}
