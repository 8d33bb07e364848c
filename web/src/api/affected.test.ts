import { expect, test } from "vitest";
import { affectedKeys } from "./affected.ts";

test("a step of a release refreshes its page, the lists and where things run", () => {
  const keys = affectedKeys({ kind: "event", type: "release.pushed", promotion: "r-1" });
  expect(keys).toEqual(expect.arrayContaining(["promotion", "promotions", "events", "matrix", "pipelines"]));
});

test("a live report does not reload lists that only events change", () => {
  const keys = affectedKeys({ kind: "changed" });
  expect(keys).toContain("matrix");
  expect(keys).not.toContain("events");
  expect(keys).not.toContain("promotions");
});

test("a new image refreshes the images and what could be promoted", () => {
  expect(affectedKeys({ kind: "changed", image: "x" })).toEqual(expect.arrayContaining(["images", "plan"]));
});
