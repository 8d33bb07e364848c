import { parseEvents } from "js-yaml";
import { expect, test } from "vitest";
import { needsMeasuring, tooBigToRead, tooManyEvents } from "./bounds.ts";
import { readManifests } from "./read.ts";

const dashboard = `        {\n          "title": "Requests, by code",\n          "type": "graph",\n        },\n`;

test("the biggest bundles that people keep are read: definitions of 60,000 lines, dashboards of 120,000", () => {
  const properties = Array.from(
    { length: 20_000 },
    (_, index) => `        p${index}:\n          description: one, two: no\n          type: string\n`,
  );
  const definition = `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\nspec:\n      properties:\n`;
  expect(readManifests(definition + properties.join("").replaceAll("two: no", "two")).ok).toBe(true);
  const dashboards = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n    a.json: |-\n${dashboard.repeat(30_000)}`;
  expect(readManifests(dashboards).ok).toBe(true);
});

test("a text that could hold more than anybody keeps is refused by counting", () => {
  expect(tooBigToRead("- a: b, c\n".repeat(140_000))).toMatch(/lines, colons and commas/);
  expect(tooBigToRead("#\n".repeat(310_000))).toMatch(/300000 lines/);
  expect(tooBigToRead(`a: "${"\\n".repeat(1_100_000)}"`)).toMatch(/escapes/);
  expect(tooBigToRead("--- #########\n".repeat(21_000))).toMatch(/documents/);
  expect(tooBigToRead(`a: |\n${dashboard.repeat(60_000)}`)).toBeUndefined();
  expect(tooBigToRead("x".repeat(4_000_000))).toBeUndefined();
  expect(tooManyEvents(200_001)).toMatch(/keys and values/);
});

test("only texts that could stand for more than is written, or for no number, are measured", () => {
  const needs = (text: string) => needsMeasuring(text, parseEvents(text, {}));
  for (const text of ["a: 1\nb: [x, 1.5, -]\n", "a: infinite\n", 'a: ".inf"\n', "a: |\n  .inf\n"])
    expect(needs(text.replace("-]", "y]"))).toBe(false);
  const odd = [
    ".inf",
    "-.Inf",
    "+.INF",
    ".nan",
    "!!float .inf",
    '!!float ".inf"',
    `1${"0".repeat(400)}`,
    "&a [x]\nb: *a",
  ];
  for (const text of odd) expect(needs(`a: ${text}\n`)).toBe(true);
  for (const text of odd.slice(0, -1)) expect(readManifests(`a: ${text}\n`)).toMatchObject({ ok: false });
});
