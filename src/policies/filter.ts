import { RE2JS } from "re2js";
import semver from "semver";
import type { CatalogueImage } from "../model/catalogue.ts";
import { parseConstraint } from "./constraint.ts";
import { globMatches } from "./glob.ts";

/** A tag filter: which tags it allows and which of two comes first (negative: `a` is newer). */
export interface TagFilter {
  readonly written: string;
  allows(tag: string): boolean;
  compare(a: CatalogueImage, b: CatalogueImage): number;
  /** Whether the order needs build times; images without one then cannot be ordered. */
  readonly byTime: boolean;
}
export type FilterResult =
  | { readonly ok: true; readonly filter: TagFilter }
  | { readonly ok: false; readonly reason: string };

/** Filters come from manifests, which are hostile input; no honest one is nearly as long. */
const maxLength = 1_000;

/**
 * Reads Flux v1's filter language: `glob:` (or nothing) with `*` over the whole tag, `semver:` constraints,
 * `regexp:` unanchored RE2. Versions order by version, the others by build time. `latest` passes only `glob:latest`.
 */
export function parseFilter(written: string): FilterResult {
  if (written.length > maxLength)
    return { ok: false, reason: `"${written.slice(0, 20)}..." is longer than ${maxLength} characters` };
  if (written.startsWith("semver:")) return semverFilter(written, written.slice(7));
  if (written.startsWith("regexp:")) return regexpFilter(written, written.slice(7));
  if (written.startsWith("regex:")) return regexpFilter(written, written.slice(6));
  return { ok: true, filter: globFilter(written, written.startsWith("glob:") ? written.slice(5) : written) };
}

function semverFilter(written: string, text: string): FilterResult {
  const constraint = parseConstraint(text);
  if (constraint === undefined)
    return {
      ok: false,
      reason: `"${written}" is not a version constraint; write for example semver:~1.4 or semver:>=1.0, <2.0`,
    };
  const allows = (tag: string): boolean => {
    const version = readVersion(tag);
    return version !== undefined && constraint.allows(version);
  };
  return { ok: true, filter: { written, byTime: false, allows, compare: higherFirst } };
}

function regexpFilter(written: string, pattern: string): FilterResult {
  try {
    const compiled = RE2JS.compile(pattern);
    return { ok: true, filter: timed(written, (tag) => tag !== "latest" && compiled.matcher(tag).find()) };
  } catch {
    return { ok: false, reason: `"${written}" is not a regular expression (RE2: no look-around, no back references)` };
  }
}

function globFilter(written: string, pattern: string): TagFilter {
  return timed(written, (tag) => (tag !== "latest" || pattern === "latest") && globMatches(pattern, tag));
}

function timed(written: string, allows: (tag: string) => boolean): TagFilter {
  return { written, byTime: true, allows, compare: newerFirst };
}

/** Newest build first; ties by tag, so that the order is total. Images without a time come last. */
export function newerFirst(a: CatalogueImage, b: CatalogueImage): number {
  const difference = (b.createdAt ?? -Infinity) - (a.createdAt ?? -Infinity);
  return Number.isNaN(difference) || difference === 0 ? textOrder(a.tag, b.tag) : difference;
}

/** Highest version first; of equal versions the tag that sorts last; tags that are no version after all others. */
function higherFirst(a: CatalogueImage, b: CatalogueImage): number {
  const [left, right] = [readVersion(a.tag), readVersion(b.tag)];
  if (left === undefined || right === undefined)
    return left !== undefined ? -1 : right !== undefined ? 1 : textOrder(a.tag, b.tag);
  const order = right.compare(left);
  return order !== 0 ? order : textOrder(b.tag, a.tag);
}

function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A tag as a version: a leading `v` and missing parts are allowed. */
export function readVersion(tag: string): semver.SemVer | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/.exec(tag);
  if (match === null) return undefined;
  return semver.parse(`${match[1]}.${match[2] ?? 0}.${match[3] ?? 0}${match[4] ?? ""}`) ?? undefined;
}

/** What allows everything, newest build first. */
export const anyTag: TagFilter = globFilter("glob:*", "*");
