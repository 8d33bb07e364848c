import { RE2JS } from "re2js";
import semver from "semver";
import type { CatalogueImage } from "../model/catalogue.ts";

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

/**
 * Reads Flux v1's filter language: `glob:` (or nothing) with `*` over the whole tag, `semver:` constraints,
 * `regexp:` unanchored RE2. Versions order by version, the others by build time. `latest` passes only `glob:latest`.
 */
export function parseFilter(written: string): FilterResult {
  if (written.startsWith("semver:")) return semverFilter(written, written.slice(7));
  if (written.startsWith("regexp:")) return regexpFilter(written, written.slice(7));
  if (written.startsWith("regex:")) return regexpFilter(written, written.slice(6));
  return { ok: true, filter: globFilter(written, written.startsWith("glob:") ? written.slice(5) : written) };
}

function semverFilter(written: string, constraint: string): FilterResult {
  let range: semver.Range;
  try {
    range = new semver.Range(constraint.trim());
  } catch {
    return {
      ok: false,
      reason: `"${written}" is not a version constraint; write for example semver:~1.4 or semver:>=1.0 <2.0`,
    };
  }
  return {
    ok: true,
    filter: {
      written,
      byTime: false,
      allows: (tag) => {
        const version = readVersion(tag);
        return version !== undefined && range.test(version);
      },
      compare: (a, b) => {
        const order = semver.rcompare(readVersion(a.tag)!, readVersion(b.tag)!);
        return order !== 0 ? order : b.tag.length - a.tag.length;
      },
    },
  };
}

function regexpFilter(written: string, pattern: string): FilterResult {
  try {
    const compiled = RE2JS.compile(pattern);
    return { ok: true, filter: timed(written, (tag) => tag !== "latest" && compiled.matcher(tag).find()) };
  } catch {
    return { ok: false, reason: `"${written}" is not a regular expression` };
  }
}

function globFilter(written: string, pattern: string): TagFilter {
  const parts = pattern.split("*");
  return timed(written, (tag) => (tag !== "latest" || pattern === "latest") && globMatches(parts, tag));
}

/** Whole-string match where `*` stands for any text; linear in the tag for each part. */
function globMatches(parts: readonly string[], text: string): boolean {
  if (parts.length === 1) return parts[0] === text;
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

function timed(written: string, allows: (tag: string) => boolean): TagFilter {
  return { written, byTime: true, allows, compare: newerFirst };
}

/** Newest build first; ties by tag, so that the order is total. Images without a time come last. */
export function newerFirst(a: CatalogueImage, b: CatalogueImage): number {
  const difference = (b.createdAt ?? -Infinity) - (a.createdAt ?? -Infinity);
  return Number.isNaN(difference) || difference === 0 ? (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0) : difference;
}

/** A tag as a version: a leading `v` and missing parts are allowed. */
export function readVersion(tag: string): semver.SemVer | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/.exec(tag);
  if (match === null) return undefined;
  return semver.parse(`${match[1]}.${match[2] ?? 0}.${match[3] ?? 0}${match[4] ?? ""}`) ?? undefined;
}

/** What allows everything, newest build first. */
export const anyTag: TagFilter = globFilter("glob:*", "*");
