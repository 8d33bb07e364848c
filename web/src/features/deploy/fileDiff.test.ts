import { expect, test } from "vitest";
import { diffLines } from "./fileDiff.ts";

test("a one-line edit shows the old and the new line with their numbers and three lines around", () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const before = `${lines.join("\n")}\n`;
  const after = before.replace("line 10\n", "line ten # kept\n");
  const shown = diffLines({ file: "a.yaml", before, after });
  expect(shown.map((line) => `${line.kind} ${line.number}`)).toEqual([
    "same 7",
    "same 8",
    "same 9",
    "remove 10",
    "add 10",
    "same 11",
    "same 12",
    "same 13",
  ]);
});

test("places far apart are parted by a gap", () => {
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`);
  const before = lines.join("\n");
  const after = before.replace("line 3\n", "x\n").replace("line 33\n", "y\n");
  expect(diffLines({ file: "a", before, after }).filter((line) => line.kind === "gap")).toHaveLength(1);
});
