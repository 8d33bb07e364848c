import { expect, test } from "vitest";
import { fieldLines, lineAt, lineOf } from "./locate.ts";
import { parseYaml } from "./read.ts";

const text = `# first
a: 1
---
spec:
  stages:
    - name: dev
      from: [{ registry: {} }]
    - { name: prod, from: &f [x,
          y] }
  "other key": *f
`;
const { events, starts } = parseYaml(text);

test("a field's line is that of its key, an item's its own", () => {
  expect(lineOf(text, events, 1, ["spec", "stages", 0, "from"])).toBe(7);
  expect(lineOf(text, events, 1, ["spec", "stages", 1])).toBe(8);
  expect(lineOf(text, events, 1, ["spec", "stages", 1, "from", 1])).toBe(9);
  expect(lineOf(text, events, 0, ["a"])).toBe(2);
});

test("a path that leads nowhere or through an alias has the line of its last part that is there", () => {
  expect(lineOf(text, events, 1, ["spec", "stages", 0, "nothing", 3])).toBe(6);
  expect(lineOf(text, events, 1, ["spec", "other key", 1])).toBe(10);
  expect(lineOf(text, events, 7, ["spec"])).toBeUndefined();
});

test("the lines of all fields are those of each", () => {
  const lines = fieldLines(text, events, starts[1]!, 4);
  expect(lines.get("spec.stages.1.from")).toBe(lineOf(text, events, 1, ["spec", "stages", 1, "from"]));
  expect(Object.fromEntries(lines)).toEqual({
    spec: 4,
    "spec.stages": 5,
    "spec.stages.0": 6,
    "spec.stages.0.name": 6,
    "spec.stages.0.from": 7,
    "spec.stages.1": 8,
    "spec.stages.1.name": 8,
    "spec.stages.1.from": 8,
    "spec.other key": 10,
  });
});

test("a line is counted from one", () => {
  expect([0, 1, 2, 3].map((offset) => lineAt("a\nb\n", offset))).toEqual([1, 1, 2, 2]);
});
