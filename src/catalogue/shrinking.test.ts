import fc from "fast-check";
import { expect, test } from "vitest";
import type { CatalogueImage } from "../model/catalogue.ts";
import { lookAtTags, trustedAfter } from "./shrinking.ts";

function images(count: number): CatalogueImage[] {
  return Array.from({ length: count }, (_, index) => ({
    name: "docker.io/shop/cart",
    tag: `t${index}`,
    digest: `sha256:${index}`,
    seenAt: 0,
    labels: {},
  }));
}
const left = (count: number) => new Set(images(count).map((image) => image.tag));

test.each([
  [10, 10, false],
  [10, 6, false],
  [10, 5, false],
  [10, 4, true],
  [10, 0, true],
  [8, 4, false],
  [4, 1, false],
  [4, 0, true],
  [1, 0, true],
  [0, 0, false],
])("of %i tags %i are left: suspect %s", (had, has, expected) => {
  const { suspect } = lookAtTags(images(had), left(has), undefined, 1_000);
  expect(suspect).toEqual(expected ? { since: 1_000, had, has } : undefined);
});

test("all tags of a small repository may be replaced by others", () => {
  expect(lookAtTags(images(3), new Set(["new"]), undefined, 0).suspect).toBeUndefined();
});

test("a suspicion keeps its beginning, and ends after a day", () => {
  const first = lookAtTags(images(10), left(1), undefined, 5).suspect;
  expect(lookAtTags(images(10), left(2), first, 500).suspect).toEqual({ since: 5, had: 10, has: 2 });
  expect(lookAtTags(images(10), left(1), first, 5 + trustedAfter - 1).suspect).toBeDefined();
  expect(lookAtTags(images(10), left(1), first, 5 + trustedAfter).suspect).toBeUndefined();
});

test("a list that lost nothing is never suspect, whatever it gained", () => {
  fc.assert(
    fc.property(fc.nat(30), fc.array(fc.string()), (count, more) => {
      const { gone, suspect } = lookAtTags(images(count), new Set([...left(count), ...more]), undefined, 1);
      expect([gone, suspect]).toEqual([[], undefined]);
    }),
  );
});
