import type { CatalogueImage, CatalogueRepository } from "../model/catalogue.ts";
import { sameVersion, type Version } from "../model/image.ts";
import type { TagFilter } from "../policies/filter.ts";
import { readVersion } from "../policies/order.ts";
import { indexOf } from "./imageIndex.ts";

/** Where a version stands against another: `unknown` when neither build times nor version numbers tell. */
export type Order = "newer" | "older" | "same" | "unknown";

/**
 * Compares two versions of one repository: by build time where both are known, else by what the filter orders by, else
 * by version number. Of two digests of one tag, the one the tag has now is the newer: the other had it before.
 */
export function compareVersions(
  a: Version,
  b: Version,
  repository: CatalogueRepository | undefined,
  filter?: TagFilter,
): Order {
  if (sameVersion(a, b)) return "same";
  const first = findImage(repository, a);
  const second = findImage(repository, b);
  if (first !== undefined && first.digest === second?.digest) return "same";
  if (first?.createdAt !== undefined && second?.createdAt !== undefined && first.createdAt !== second.createdAt)
    return first.createdAt > second.createdAt ? "newer" : "older";
  if (a.tag !== "" && a.tag === b.tag) return compareMoved(a, b, repository);
  if (filter?.byTime === false && filter.allows(a.tag) && filter.allows(b.tag))
    return filter.compare(a, b) < 0 ? "newer" : "older";
  const [left, right] = [readVersion(a.tag), readVersion(b.tag)];
  if (left === undefined || right === undefined) return "unknown";
  const order = left.compare(right);
  return order === 0 ? "same" : order > 0 ? "newer" : "older";
}

function compareMoved(a: Version, b: Version, repository: CatalogueRepository | undefined): Order {
  const now = taggedImage(repository, a.tag)?.digest;
  return now === undefined ? "unknown" : now === a.digest ? "newer" : now === b.digest ? "older" : "unknown";
}

/** What a tag is now. */
export function taggedImage(repository: CatalogueRepository | undefined, tag: string): CatalogueImage | undefined {
  return repository && indexOf(repository).byTag.get(tag);
}

/**
 * The catalogued image that a version is: the one of its digest (under its own tag where several tags share it), or of
 * its tag where it names no digest. A tag that has another digest by now is another image.
 */
export function findImage(repository: CatalogueRepository | undefined, version: Version): CatalogueImage | undefined {
  const byTag = taggedImage(repository, version.tag);
  if (version.digest === undefined || byTag?.digest === version.digest) return byTag;
  return repository && indexOf(repository).byDigest.get(version.digest);
}

/** Images a filter allows, newest first by the filter's own order. */
export function allowedImages(
  repository: CatalogueRepository | undefined,
  filter: TagFilter,
): readonly CatalogueImage[] {
  return repository === undefined ? [] : indexOf(repository).allowed(filter);
}

/** How many allowed images are newer than a version; undefined when that cannot be told. */
export function countNewer(
  repository: CatalogueRepository | undefined,
  filter: TagFilter,
  version: Version,
): number | undefined {
  const current = findImage(repository, version);
  if (current === undefined) return undefined;
  let count = 0;
  for (const image of allowedImages(repository, filter)) {
    if (filter.compare(image, current) >= 0) break;
    if (image.digest !== current.digest) count++;
  }
  return count;
}
