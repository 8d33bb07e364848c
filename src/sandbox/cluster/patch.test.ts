import { expect, test } from "vitest";
import { builtInSchema } from "./built-in-schemas.ts";
import { jsonPatch, mergePatch, strategicPatch } from "./patch.ts";

const schema = builtInSchema({ apiVersion: "apps/v1", kind: "Deployment" });
const workload = {
  spec: {
    template: {
      spec: {
        containers: [
          { name: "a", image: "x:1" },
          { name: "b", image: "y:1" },
        ],
      },
    },
  },
};
const patchContainers = (...containers: object[]) =>
  strategicPatch(workload, { spec: { template: { spec: { containers } } } }, schema) as typeof workload;

test("a merge patch replaces lists and removes nulls", () => {
  expect(mergePatch({ a: [1, 2], b: { c: 1, d: 2 } }, { a: [3], b: { c: null } })).toEqual({ a: [3], b: { d: 2 } });
});

test("a strategic patch merges, adds and deletes entries by their key", () => {
  expect(patchContainers({ name: "b", image: "y:2" }).spec.template.spec.containers).toEqual([
    { name: "a", image: "x:1" },
    { name: "b", image: "y:2" },
  ]);
  expect(patchContainers({ name: "a", $patch: "delete" }).spec.template.spec.containers).toEqual([
    { name: "b", image: "y:1" },
  ]);
  expect(patchContainers({ name: "c", image: "z:1" }).spec.template.spec.containers).toHaveLength(3);
});

test("a JSON patch tests, moves and escapes, and says where it does not fit", () => {
  const object = { metadata: { labels: { "a/b": "1" } }, list: [1, 2] };
  expect(
    jsonPatch(object, [
      { op: "test", path: "/metadata/labels/a~1b", value: "1" },
      { op: "move", from: "/metadata/labels/a~1b", path: "/metadata/labels/c" },
      { op: "add", path: "/list/-", value: 3 },
      { op: "remove", path: "/list/0" },
    ]),
  ).toEqual({ metadata: { labels: { c: "1" } }, list: [2, 3] });
  expect(() => jsonPatch(object, [{ op: "remove", path: "/none" }])).toThrow("there is nothing at /none");
  expect(() => jsonPatch(object, [{ op: "test", path: "/list/0", value: 9 }])).toThrow("testing value /list/0 failed");
});
