import fc from "fast-check";
import { expect, test } from "vitest";
import type { CatalogueImage } from "../model/catalogue.ts";
import { anyTag, parseFilter, type TagFilter } from "./filter.ts";
import { globMatches } from "./glob.ts";
import { newerFirst, readVersion } from "./order.ts";

function filter(written: string): TagFilter {
  const result = parseFilter(written);
  if (!result.ok) throw new Error(result.reason);
  return result.filter;
}
function image(tag: string, createdAt?: number): CatalogueImage {
  const time = createdAt === undefined ? {} : { createdAt };
  return { name: "docker.io/shop/cart", tag, digest: `sha256:${tag}`, seenAt: 0, labels: {}, ...time };
}

test.each([
  ["glob:*", "anything", true],
  ["main-*", "main-123", true],
  ["glob:main-*", "dev-main-123", false],
  ["glob:*-rc*", "1.0-rc1", true],
  ["glob:1.*.3", "1.2.3", true],
  ["glob:1.*.3", "1.3", false],
  ["glob:a.c", "abc", false],
  ["glob:[ab]", "a", false],
  ["glob:latest", "latest", true],
  ["glob:*", "latest", false],
  ["regexp:.*", "latest", false],
  ["regexp:^v[0-9]+$", "v12", true],
  ["regexp:[0-9]", "build-7x", true],
  ["regex:^a", "ba", false],
  ["semver:*", "1.2.3", true],
  ["semver:*", "1.2.3-rc1", false],
  ["semver:*", "latest", false],
  ["semver:~1.4", "1.4.9", true],
  ["semver:~1.4", "1.5.0", false],
  ["semver:~1", "1.9.0", true],
  ["semver:~>2.1.3", "2.1.9", true],
  ["semver:^1.2.3", "1.9.9", true],
  ["semver:^1.2.3", "2.0.0", false],
  ["semver:^0.2.3", "0.3.0", false],
  ["semver:>=1.0, <2.0", "1.5.0", true],
  ["semver:>=1.0, <2.0", "2.0.0", false],
  ["semver:>=1.0 <2.0", "1.5.0", true],
  ["semver:>= 1.0,<2.0", "0.9", false],
  ["semver:=>1.0", "1.0.0", true],
  ["semver:=<1.0", "1.0.9", true],
  ["semver:>1", "1.9.0", false],
  ["semver:>1", "2.0.0", true],
  ["semver:1.2", "1.2.7", true],
  ["semver:1.2.x", "1.3.0", false],
  ["semver:1.2 - 1.4.5", "1.4.5", true],
  ["semver:1.2 - 1.4.5", "1.4.6", false],
  ["semver:!=1.2.3", "1.2.3", false],
  ["semver:>=1.0, !=1.2.3", "1.2.4", true],
  ["semver:<1 || >=3", "3.1.0", true],
  ["semver:<1 || >=3", "2.0.0", false],
  ["semver:>=v1.0", "v1.2", true],
  ["semver:>=1.0", "v1", true],
  ["semver:>=1.2.3-0", "1.5.0-beta.1", true],
  ["semver:>=1.2.3", "1.5.0-beta.1", false],
  ["semver:>=1.0-0, <2.0", "1.5.0-beta", false],
  ["semver:~1.2.3-beta.2", "1.2.3-beta.4", true],
  ["semver:^1.2.0-0", "2.0.0-alpha", false],
  ["semver:1.2.3", "1.2.3+build5", true],
])("%s and the tag %s: %s", (written, tag, allowed) => {
  expect(filter(written).allows(tag)).toBe(allowed);
});

test.each([
  "semver:",
  "semver:one",
  "semver:>=",
  "semver:>>1",
  "semver:1.2.3.4",
  "semver:>=1.0,",
  "semver:>=1.0,,<2",
  "semver:1 ||",
  "semver:1.2 and 1.3",
  "semver:01.2",
  "regexp:(",
  "regexp:(?=a)",
  "regexp:(a)\\1",
])("%s is refused and told, never taken for everything", (written) => {
  const result = parseFilter(written);
  expect(result.ok).toBe(false);
  if (!result.ok) expect(result.reason).toContain(written);
});

test("an evil regular expression is answered by an engine that never backtracks", () => {
  expect(filter("regexp:^(a+)+$").allows(`${"a".repeat(127)}!`)).toBe(false);
});

test("versions order by number, equal ones by the tag that sorts last, and what is no version comes last", () => {
  const tags = ["1.9", "latest", "1.10", "1.10.0", "v1.10", "2.0.0-rc1", "2.0.0", "abc"];
  const order = tags.map((tag) => image(tag)).sort(filter("semver:*").compare);
  expect(order.map((entry) => entry.tag)).toEqual([
    "2.0.0",
    "2.0.0-rc1",
    "v1.10",
    "1.10.0",
    "1.10",
    "1.9",
    "abc",
    "latest",
  ]);
});

test("other filters order by build time, and what tells none comes last", () => {
  const order = [image("a", 1), image("b"), image("c", 3), image("d", 3)].sort(newerFirst);
  expect(order.map((entry) => entry.tag)).toEqual(["c", "d", "a", "b"]);
});

test("orders are total: they never depend on the order images came in", () => {
  const images = fc.uniqueArray(
    fc.record({
      tag: fc.oneof(fc.stringMatching(/^v?\d{1,2}(\.\d){0,2}(-rc\d)?$/), fc.stringMatching(/^[a-z]{1,4}$/)),
      at: fc.option(fc.nat(3)),
    }),
    { selector: (entry) => entry.tag, maxLength: 8 },
  );
  fc.assert(
    fc.property(images, fc.constantFrom("semver:*", "glob:*"), (list, written) => {
      const made = list.map((entry) => image(entry.tag, entry.at ?? undefined));
      const { compare } = filter(written);
      expect([...made].reverse().sort(compare)).toEqual([...made].sort(compare));
    }),
  );
});

test("a glob fits exactly the texts that the same regular expression fits", () => {
  const text = fc.stringMatching(/^[ab*.]{0,8}$/);
  fc.assert(
    fc.property(text, fc.stringMatching(/^[ab.]{0,10}$/), (pattern, subject) => {
      const expression = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
      expect(globMatches(pattern, subject)).toBe(expression.test(subject));
    }),
    { numRuns: 500 },
  );
});

test("a leading v and missing parts make no difference to a version", () => {
  expect(readVersion("v1")?.version).toBe("1.0.0");
  expect(readVersion("1.2-rc1")?.version).toBe("1.2.0-rc1");
  for (const tag of ["", "v", "1.2.3.4", "release-1", "1.x", "9".repeat(40)]) expect(readVersion(tag)).toBeUndefined();
});

test("without a filter everything but latest is allowed", () => {
  expect(anyTag.allows("main-1")).toBe(true);
  expect(anyTag.allows("latest")).toBe(false);
});

test("a filter of absurd length is refused before it costs anything", () => {
  for (const kind of ["semver:", "regexp:", "glob:"]) {
    const result = parseFilter(kind + "a".repeat(100_000));
    expect(result.ok ? "" : result.reason).toMatch(/longer than 1000 characters$/);
  }
});
