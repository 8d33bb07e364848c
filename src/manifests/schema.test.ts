import { expect, test } from "vitest";
import { parseYaml } from "./read.ts";

function read(scalar: string): unknown {
  return (parseYaml(`value: ${scalar}\n`).documents[0] as { value: unknown }).value;
}

test.each<[string, unknown]>([
  ["0644", 420],
  ["-0644", -420],
  ["0o644", 420],
  ["0O17", 15],
  ["08", 8],
  ["089", 89],
  ["0x1F", 31],
  ["0X1f", 31],
  ["0b101", 5],
  ["1_000", 1_000],
  ["1_000.5", 1_000.5],
  ["_1", "_1"],
  ["+1", 1],
  ["-0", 0],
  ["1.", 1],
  ["-.5", -0.5],
  ["1e3", 1_000],
  ["1e999", "1e999"],
  ["1e", "1e"],
  ["0o8", "0o8"],
  ["0x", "0x"],
  ["1.2.3", "1.2.3"],
  ["y", true],
  ["Y", true],
  ["yes", true],
  ["on", true],
  ["TRUE", true],
  ["tRue", "tRue"],
  ["n", false],
  ["No", false],
  ["off", false],
  ["yesterday", "yesterday"],
  ["2024-01-02", "2024-01-02"],
  ["2024-01-02T10:00:00Z", "2024-01-02T10:00:00Z"],
  ["190:20:30", "190:20:30"],
  ["null", null],
  ["Null", null],
  ["~", null],
  ["", null],
  ["=", "="],
  ['"yes"', "yes"],
  ["'0644'", "0644"],
  ["!!str 0644", "0644"],
  ["!own thing", "thing"],
])("%s is read as kubectl reads it", (scalar, value) => {
  expect(read(scalar)).toStrictEqual(value);
});

test.each([".inf", "-.Inf", "+.INF", ".nan", "[1, .NaN]"])("%s is refused, as JSON has no such number", (scalar) => {
  expect(() => parseYaml(`first: 1\nvalue: ${scalar}\n`)).toThrow(/^line 2: infinity and NaN/);
});

test("keys are text whatever they look like", () => {
  expect(parseYaml('1: a\nyes: b\n"no": c\n').documents).toEqual([{ "1": "a", true: "b", no: "c" }]);
});

test("merge keys are merged, and what is written wins", () => {
  expect(parseYaml("base: &b {x: 1, z: 1}\nother: {<<: *b, z: 2}\n").documents).toEqual([
    { base: { x: 1, z: 1 }, other: { x: 1, z: 2 } },
  ]);
});
