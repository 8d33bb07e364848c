import { LRUCache } from "lru-cache";
import { parseConstraint } from "./constraint.ts";
import { compareDecimals, readDecimal, textOrder } from "./decimal.ts";
import { compileExpression } from "./expression.ts";
import { globMatches } from "./glob.ts";
import { readKeys } from "./keys.ts";
import { type Comparable, newerFirst, type Ranking, rankBy, readVersion } from "./order.ts";

/** A tag filter: which tags it allows and which of two comes first (negative: `a` is newer). */
export interface TagFilter {
  readonly written: string;
  allows(tag: string): boolean;
  compare(a: Comparable, b: Comparable): number;
  /** Whether the order needs build times; images without one then cannot be ordered. */
  readonly byTime: boolean;
}
export type FilterResult =
  | { readonly ok: true; readonly filter: TagFilter }
  | { readonly ok: false; readonly reason: string };

/** Filters come from manifests, which are hostile input; no honest one is nearly as long. */
const maxLength = 1_000;
const parsed = new LRUCache<string, FilterResult>({ max: 1_000 });

/**
 * Reads the filter language: Flux v1's `glob:` (or nothing) with `*` over the whole tag, `semver:` constraints,
 * `regexp:` unanchored RE2; and Flux v2's `numerical` and `alphabetical`. Versions order by version, numbers and texts
 * as they say, the others by build time. `latest` passes only `glob:latest`. See docs/guides/policies.md.
 */
export function parseFilter(written: string): FilterResult {
  if (written.length > maxLength)
    return { ok: false, reason: `"${written.slice(0, 20)}..." is longer than ${maxLength} characters` };
  const known = parsed.get(written);
  if (known !== undefined) return known;
  const result = readFilter(written);
  parsed.set(written, result);
  return result;
}

function readFilter(written: string): FilterResult {
  const [, kind = "", text = ""] = /^([a-z]+)(?::([\s\S]*))?$/.exec(written) ?? [];
  if (kind === "numerical" || kind === "alphabetical") return orderedFilter(written, kind, text);
  if (kind === imagePolicyKind) return { ok: false, reason: `the ImagePolicy ${text} cannot be used as a tag filter` };
  if (kind === "semver" && written !== kind) return semverFilter(written, text);
  if ((kind === "regexp" || kind === "regex") && written !== kind) return regexpFilter(written, text);
  return { ok: true, filter: globFilter(written, kind === "glob" && written !== kind ? text : written) };
}

/** The kind of a filter that stands for an ImagePolicy of Flux v2 that cannot be read; it lets nothing through. */
export const imagePolicyKind = "imagepolicy";

/**
 * A filter as it is kept and compared: always with its kind, `regex:` as `regexp:`. Old clients take what they do not
 * know for a glob; a glob with such a beginning could never fit a tag.
 */
export function normalisePattern(written: string): string {
  const text = written.replace(/^glob:(?=(?:numerical|alphabetical)(?::|$))/, "");
  if (/^(?:glob|semver|regexp):/.test(text) || /^(?:numerical|alphabetical)(?::|$)/.test(text)) return text;
  return text.startsWith("regex:") ? `regexp:${text.slice("regex:".length)}` : `glob:${text}`;
}

function semverFilter(written: string, text: string): FilterResult {
  const at = text.indexOf(" from ");
  const constraint = parseConstraint(at < 0 ? text : text.slice(0, at));
  if (constraint === undefined)
    return {
      ok: false,
      reason: `"${written}" is not a version constraint; write for example semver:~1.4 or semver:>=1.0, <2.0`,
    };
  const keys = readKeys(at < 0 ? "" : text.slice(at + " from ".length).trim());
  if ("problem" in keys) return notFilter(written, keys.problem);
  const versionOf = (tag: string) => ifPresent(keys.keyOf(tag), readVersion);
  return ranked(
    written,
    rankBy(
      versionOf,
      (a, b) => a.compare(b),
      (version) => constraint.allows(version),
    ),
  );
}

function orderedFilter(written: string, kind: "numerical" | "alphabetical", text: string): FilterResult {
  const [, order, rest = ""] = /^(?:(asc|desc)(?::|$))?([\s\S]*)$/.exec(text)!;
  const keys = readKeys(rest);
  if ("problem" in keys) return notFilter(written, keys.problem);
  const sign = order === "desc" ? -1 : 1;
  return kind === "numerical"
    ? ranked(
        written,
        rankBy(
          (tag) => ifPresent(keys.keyOf(tag), readDecimal),
          (a, b) => sign * compareDecimals(a, b),
        ),
      )
    : ranked(
        written,
        rankBy(
          (tag) => (tag === "latest" ? undefined : keys.keyOf(tag)),
          (a, b) => sign * textOrder(a, b),
        ),
      );
}

function regexpFilter(written: string, pattern: string): FilterResult {
  const found = compileExpression(pattern);
  if ("problem" in found) return notFilter(written, found.problem);
  return { ok: true, filter: timed(written, (tag) => tag !== "latest" && found.matches(tag)) };
}

function globFilter(written: string, pattern: string): TagFilter {
  return timed(written, (tag) => (tag !== "latest" || pattern === "latest") && globMatches(pattern, tag));
}

function timed(written: string, allows: (tag: string) => boolean): TagFilter {
  return { written, byTime: true, allows, compare: newerFirst };
}
function ranked(written: string, { ranks, compare }: Ranking): FilterResult {
  return { ok: true, filter: { written, byTime: false, allows: ranks, compare } };
}
function notFilter(written: string, problem: string): FilterResult {
  return { ok: false, reason: `"${written}" is no filter: ${problem}` };
}
function ifPresent<T>(text: string | undefined, read: (text: string) => T | undefined): T | undefined {
  return text === undefined ? undefined : read(text);
}

/** What allows everything, newest build first. */
export const anyTag: TagFilter = globFilter("glob:*", "*");
