import fc from "fast-check";
import { expect, test } from "vitest";
import { compareDecimals, readDecimal } from "./decimal.ts";
import { normalisePattern, parseFilter, type TagFilter } from "./filter.ts";

function filter(written: string): TagFilter {
  const result = parseFilter(written);
  if (!result.ok) throw new Error(result.reason);
  return result.filter;
}
/** The tags a filter allows, newest first. */
function order(written: string, tags: readonly string[]): string[] {
  const { allows, compare } = filter(written);
  return tags.filter(allows).sort((a, b) => compare({ tag: a }, { tag: b }));
}

test.each([
  ["numerical", ["9", "10", "main", "1.5"], ["10", "9", "1.5"]],
  ["numerical:", ["9", "10"], ["10", "9"]],
  ["numerical:asc", ["9", "10"], ["10", "9"]],
  ["numerical:desc", ["9", "10"], ["9", "10"]],
  ["numerical:^main-(\\d+)$", ["main-9", "main-10", "dev-11", "12"], ["main-10", "main-9"]],
  ["numerical:asc:^main-(\\d+)$", ["main-9", "main-10"], ["main-10", "main-9"]],
  ["numerical:desc:^main-(\\d+)$", ["main-9", "main-10"], ["main-9", "main-10"]],
  ["numerical:^main-[a-f0-9]+-(?P<ts>\\d+)$", ["main-f00-9", "main-0ab-10"], ["main-0ab-10", "main-f00-9"]],
  ["numerical:$ts:^(?P<sha>[a-f0-9]+)-(?P<ts>\\d+)$", ["f-1", "0-2"], ["0-2", "f-1"]],
  ["numerical:asc:$2:^([a-f0-9]+)-(\\d+)$", ["f-1", "0-2"], ["0-2", "f-1"]],
  [`numerical:\${day}.\${run}:^(?P<day>\\d+)-(?P<run>\\d+)$`, ["3-9", "4-1"], ["4-1", "3-9"]],
  ["numerical:^\\d+", ["12", "12ab", "7"], ["12", "7"]],
  ["numerical:^v(?:a|b)(\\d+)$", ["va2", "vb3"], ["vb3", "va2"]],
  ["alphabetical", ["b", "a", "latest", "c"], ["c", "b", "a"]],
  ["alphabetical:desc", ["b", "a"], ["a", "b"]],
  [
    "alphabetical:asc:^RELEASE\\.(.*)Z$",
    ["RELEASE.2026-01Z", "RELEASE.2025-12Z", "x"],
    ["RELEASE.2026-01Z", "RELEASE.2025-12Z"],
  ],
  [
    "semver:>=1.0 from ^v(.+)-alpine$",
    ["v1.2-alpine", "v1.10-alpine", "v1.3", "v0.9-alpine"],
    ["v1.10-alpine", "v1.2-alpine"],
  ],
  ["semver:* from $v:^(?P<app>[a-z]+)-(?P<v>.+)$", ["web-1.0", "web-1.1"], ["web-1.1", "web-1.0"]],
])("%s of %j: %j", (written, tags, expected) => {
  expect(order(written, tags)).toEqual(expected);
});

test("only globs and regular expressions need build times", () => {
  for (const written of ["numerical", "alphabetical:desc", "semver:* from ^v(.+)$"])
    expect(filter(written).byTime).toBe(false);
  for (const written of ["glob:1*", "regexp:1", "numericals", "alphabet"]) expect(filter(written).byTime).toBe(true);
});

test.each([
  ["numerical:(", /"numerical:\(" is no filter: it is not a regular expression/],
  ["numerical:$nope:^(?P<ts>\\d+)$", /has no group "nope"/],
  ["numerical:$3:^(\\d+)$", /has no group "3"/],
  ["alphabetical:$-:^(\\d+)$", /"\$-" before the colon names no group/],
  ["semver:>=1.0 from (", /is no filter: it is not a regular expression/],
  ["semver:one from ^v(.*)$", /is not a version constraint/],
])("%s is refused, and told what is wrong", (written, text) => {
  const result = parseFilter(written);
  expect(result.ok ? "" : result.reason).toMatch(text);
});

test.each(["$aa".repeat(300), "$a".repeat(400), `$a${"a-".repeat(400)}`])(
  "an extract of many references is read at once (%#)",
  (extract) => {
    expect(parseFilter(`numerical:${extract}!:(?P<aa>x)`).ok).toBe(false);
  },
);

test("an extract that repeats its group longer than any tag takes nothing out", () => {
  const long = `numerical:${"$1".repeat(300)}:^(0*)$`;
  expect(filter(long).allows("0".repeat(128))).toBe(false);
});

test.each([
  ["12", "12", 0],
  ["012.50", "12.5", 0],
  ["-0", "0", 0],
  ["-3", "2", -1],
  ["-3", "-4", 1],
  ["1.09", "1.1", -1],
  ["20260102030405678901", "20260102030405678902", -1],
  ["100", "99", 1],
])("%s against %s: %i", (a, b, expected) => {
  expect(Math.sign(compareDecimals(readDecimal(a)!, readDecimal(b)!))).toBe(expected === 0 ? 0 : expected);
});

test.each(["", "-", ".", "1.", "1e5", "0x1f", "1_000", "NaN", "Infinity", "1.2.3", "٣"])("%j is no number", (text) => {
  expect(readDecimal(text)).toBeUndefined();
});

test("numbers of any length order as they do in arithmetic", () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
      const expected = a < b ? -1 : a > b ? 1 : 0;
      expect(Math.sign(compareDecimals(readDecimal(String(a))!, readDecimal(String(b))!)) + 0).toBe(expected);
    }),
  );
});

test("every order is total and the other way round with desc, whatever the tags", () => {
  const tags = fc.uniqueArray(fc.stringMatching(/^(b-)?\d{1,3}(\.\d)?$|^[a-c]{1,2}$/), { maxLength: 8 });
  fc.assert(
    fc.property(tags, fc.constantFrom("numerical", "alphabetical", "semver:*"), (list, kind) => {
      expect(order(kind, [...list].reverse())).toEqual(order(kind, list));
      const { compare } = filter(kind);
      for (const a of list)
        for (const b of list)
          expect(Math.sign(compare({ tag: a }, { tag: b })) + Math.sign(compare({ tag: b }, { tag: a }))).toBe(0);
    }),
  );
});

test("what is normalised means the same and stays as it is", () => {
  const written = fc.constantFrom(
    "1.*",
    "glob:1.*",
    "regex:^1",
    "regexp:^1",
    "semver:~1",
    "numerical:asc",
    "alphabetical",
  );
  fc.assert(
    fc.property(written, fc.stringMatching(/^[0-9.]{1,4}$/), (pattern, tag) => {
      const kept = normalisePattern(pattern);
      expect(normalisePattern(kept)).toBe(kept);
      expect(filter(kept).allows(tag)).toBe(filter(pattern).allows(tag));
    }),
  );
});
