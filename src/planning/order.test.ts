import fc from "fast-check";
import { expect, test } from "vitest";
import type { CatalogueRepository } from "../model/catalogue.ts";
import type { Version } from "../model/image.ts";
import { parseFilter } from "../policies/filter.ts";
import { compareVersions, countNewer, findImage } from "./order.ts";

function repository(images: readonly [tag: string, digest: string, createdAt?: number][]): CatalogueRepository {
  return {
    name: "docker.io/shop/cart",
    badTags: {},
    images: images.map(([tag, digest, createdAt]) => ({
      name: "docker.io/shop/cart",
      tag,
      digest,
      seenAt: 0,
      labels: {},
      ...(createdAt === undefined ? {} : { createdAt }),
    })),
  };
}

test("build times decide before version numbers", () => {
  const known = repository([
    ["1.0", "a", 200],
    ["2.0", "b", 100],
  ]);
  expect(compareVersions({ tag: "1.0" }, { tag: "2.0" }, known)).toBe("newer");
  expect(compareVersions({ tag: "2.0" }, { tag: "1.0" }, undefined)).toBe("newer");
});

test("tags of one digest are the same version", () => {
  const known = repository([
    ["main", "a", 1],
    ["main-7", "a", 1],
  ]);
  expect(compareVersions({ tag: "main" }, { tag: "main-7" }, known)).toBe("same");
});

test("without times and numbers nothing can be told", () => {
  expect(compareVersions({ tag: "abc" }, { tag: "abd" }, repository([["abc", "a"]]))).toBe("unknown");
});

test("of two digests of a tag the one it has now is the newer", () => {
  const known = repository([["main", "new", 5]]);
  expect(compareVersions({ tag: "main", digest: "new" }, { tag: "main", digest: "old" }, known)).toBe("newer");
  expect(compareVersions({ tag: "main", digest: "old" }, { tag: "main", digest: "new" }, known)).toBe("older");
  expect(compareVersions({ tag: "main", digest: "x" }, { tag: "main", digest: "y" }, known)).toBe("unknown");
});

test("a version with a digest is never taken for what its tag names by now", () => {
  const known = repository([
    ["main", "new", 5],
    ["main-7", "old", 4],
  ]);
  expect(findImage(known, { tag: "main", digest: "old" })?.tag).toBe("main-7");
  expect(findImage(known, { tag: "main", digest: "gone" })).toBeUndefined();
  expect(findImage(known, { tag: "main" })?.digest).toBe("new");
  expect(findImage(known, { tag: "", digest: "new" })?.tag).toBe("main");
});

test("versions behind are counted by the filter's own order, also from a tag that is no version", () => {
  const known = repository([
    ["latest", "l", 9],
    ["1.0.0", "a", 3],
    ["1.1.0", "b", 2],
    ["2.0.0", "c", 1],
  ]);
  const one = parseFilter("semver:^1");
  const any = parseFilter("glob:*");
  if (!one.ok || !any.ok) throw new Error("filters");
  expect(countNewer(known, one.filter, { tag: "1.0.0" })).toBe(1);
  expect(countNewer(known, one.filter, { tag: "latest" })).toBe(2);
  expect(countNewer(known, any.filter, { tag: "1.1.0" })).toBe(1);
  expect(countNewer(known, any.filter, { tag: "0.1" })).toBeUndefined();
});

test("comparing turns round with its two sides", () => {
  const version: fc.Arbitrary<Version> = fc.record(
    { tag: fc.constantFrom("1.0", "v1.0.0", "1.1", "main", "main-2"), digest: fc.constantFrom("a", "b", "c") },
    { requiredKeys: ["tag"] },
  );
  const known = fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom("1.0", "v1.0.0", "1.1", "main", "main-2"),
        fc.constantFrom("a", "b", "c"),
        fc.option(fc.nat(2), { nil: undefined }),
      ),
      { selector: ([tag]) => tag },
    )
    .map((entries) => repository(entries));
  const turned = { newer: "older", older: "newer", same: "same", unknown: "unknown" } as const;
  fc.assert(
    fc.property(version, version, known, (a, b, images) => {
      expect(compareVersions(b, a, images)).toBe(turned[compareVersions(a, b, images)]);
    }),
    { numRuns: 500 },
  );
});
