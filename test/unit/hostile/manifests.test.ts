import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { editManifests } from "../../../src/manifests/edit.ts";
import { corpus } from "./corpus.ts";
import type { Outcome } from "./outcomes.ts";

/**
 * All of the corpus in one process of its own with a small heap: what takes too much memory ends it, what takes too
 * long runs into the deadline. `node test/unit/hostile/outcomes.ts <name>` measures one.
 */
test("hostile manifests are refused with file and line, or edited like any other, and none takes the process down", {
  timeout: 120_000,
}, async () => {
  const script = fileURLToPath(new URL("outcomes.ts", import.meta.url));
  const run = await promisify(execFile)(process.execPath, ["--max-old-space-size=400", script], {
    maxBuffer: 16_000_000,
    timeout: 110_000,
  });
  const outcomes = run.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Outcome);
  expect(outcomes.map(({ name }) => name)).toEqual(corpus.map(({ name }) => name));
  for (const { name, refusal } of corpus) {
    const outcome = outcomes.find((one) => one.name === name)!;
    if (refusal === undefined) expect(outcome).toMatchObject({ name, said: null });
    else expect(`${name}: ${outcome.said}`).toMatch(refusal);
    if (refusal !== undefined) expect(outcome.said).toMatch(/^a\.yaml/);
    expect((outcome.said ?? "").length, name).toBeLessThan(1_000);
  }
});

test("new references and annotations of any size are written or refused, never half", () => {
  const text = "apiVersion: v1\nkind: Pod\nmetadata: {name: cart}\nspec: {containers: [{name: cart, image: cart:1}]}\n";
  const workload = "default:pod/cart";
  const images = [
    `x/${"y".repeat(10_000)}:1`,
    `x:${"y".repeat(10_000)}`,
    `${"a/".repeat(10_000)}b:1`,
    `x@sha256:${"z".repeat(10_000)}`,
  ];
  for (const image of images) {
    const edit = { workload, container: "cart", image };
    expect(() => editManifests("a.yaml", text, [edit])).toThrow(/^a\.yaml line 1: ".{0,210}" is no image reference$/);
  }
  const set = { [`k${"y".repeat(100_000)}`]: "v".repeat(100_000) };
  const edited = editManifests("a.yaml", text, [{ kind: "annotations", workload, set, remove: [] }]);
  expect(editManifests("a.yaml", edited, [{ kind: "annotations", workload, set: {}, remove: Object.keys(set) }])).toBe(
    text,
  );
});

test("thousands of edits of one file take no longer than the file is long", () => {
  const head = "apiVersion: v1\nkind: List\nitems:\n";
  const numbers = Array.from({ length: 5_000 }, (_, index) => index);
  const pod = (index: number) =>
    `- {apiVersion: v1, kind: Pod, metadata: {name: p${index}, labels: {version: v1}}, spec: {containers: [{name: a, image: "a:v1"}]}}\n`;
  const text = head + numbers.map(pod).join("");
  const images = numbers.map((index) => ({ workload: `default:pod/p${index}`, container: "a", image: "a:v2" }));
  expect(editManifests("a.yaml", text, images)).toBe(text.replaceAll(": v1}", ": v2}").replaceAll('"a:v1"', '"a:v2"'));

  const top = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations:\n";
  const annotated = top + numbers.map((index) => `    a${index}: x\n`).join("");
  const keys = numbers.map((index) => `a${index}`);
  const set = Object.fromEntries(keys.slice(2_500).map((key) => [key, "z"]));
  const edit = { kind: "annotations" as const, workload: "default:pod/p", set, remove: keys.slice(0, 2_500) };
  expect(editManifests("a.yaml", annotated, [edit])).toBe(
    top +
      keys
        .slice(2_500)
        .map((key) => `    ${key}: z\n`)
        .join(""),
  );
});
