import fc from "fast-check";
import { expect, test } from "vitest";
import { readManifests } from "./read.ts";

const one = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
const two = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: shop}\n";

function names(text: string): string[] {
  const result = readManifests(text);
  if (!result.ok) throw new Error(`line ${result.problem.line}: ${result.problem.message}`);
  return result.file.objects.map((entry) => `${entry.line} ${entry.object.metadata.name}`);
}
function problem(text: string): string {
  const result = readManifests(text);
  if (result.ok) throw new Error("this was read without a problem");
  return `${result.problem.line}: ${result.problem.message}`;
}

test.each([
  ["a byte order mark", `\uFEFF${one}`],
  ["Windows line ends", one.replaceAll("\n", "\r\n")],
  ["no line end at the end", one.trimEnd()],
  ["a YAML directive", `%YAML 1.1\n---\n${one}`],
  ["comments before and after", `# first\n${one}# last\n`],
])("a file with %s is read", (_, text) => {
  expect(names(text)).toHaveLength(1);
});

test("every document counts, with the line it starts at, and empty ones hold nothing", () => {
  expect(names(`---\n# nothing\n---\n${one}---\n---\n${two}...\n`)).toEqual(["4 a", "10 b"]);
});

test.each(["", "\n", "# only a comment\n", "---\n", "---\n---\n", "null\n"])("%j holds no objects", (text) => {
  expect(names(text)).toEqual([]);
});

test("JSON is read like YAML, also with tabs", () => {
  expect(names('{\n\t"apiVersion": "v1",\n\t"kind": "ConfigMap",\n\t"metadata": {"name": "a"}\n}\n')).toEqual(["1 a"]);
});

test("items of a List count as objects, each with its own line", () => {
  const list = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n`;
  expect(names(list)).toEqual(["4 a", "7 b"]);
  expect(names("apiVersion: v1\nkind: ConfigMapList\nitems: []\n")).toEqual([]);
  expect(names("apiVersion: v1\nkind: List\nitems:\n")).toEqual([]);
});

test("an empty namespace is none", () => {
  expect(names("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace:\n")).toEqual(["1 a"]);
});

test.each([
  ["a tab", `${one}data:\n\tx: 1\n`, /^6: tab .*\(column \d+\)$/],
  ["a tab before a brace", `${one}data:\t{x: 1}\n`, /^5: .*\(column 8\); a tab stands before it/],
  ["a duplicate key", "apiVersion: v1\nkind: ConfigMap\nkind: Secret\n", /^3: duplicated/],
  ["a duplicate key in quotes", 'apiVersion: v1\nkind: ConfigMap\n"kind": Secret\n', /^3: duplicated/],
  ["an unclosed bracket", `${one}data: [a\n`, /^\d+: /],
  ["an alias of nothing", `${one}data: *x\n`, /^5: unidentified alias/],
  ["a NUL", `${one}data: "\u0000"\n`, /^5: /],
  ["a template", `${one}data:\n  x: {{ .Values.x }}\n`, /^6: this looks like a template/],
  ["a template around it", `{{- if .Values.on }}\n${one}{{- end }}\n`, /^1: this looks like a template/],
  ["a second document that is a list", `${one}---\n- a\n`, /^6: this document is not a Kubernetes object$/],
  ["values of a chart", "image:\n  tag: 1\n", /^1: this document has no apiVersion and kind/],
  [
    "a kustomization",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
    /^1: this is a kustomization/,
  ],
  ["an object without a name", "\napiVersion: v1\nkind: ConfigMap\n", /^2: this ConfigMap has no metadata.name$/],
  [
    "metadata that is text",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: x\n",
    /^1: this ConfigMap has no metadata.name$/,
  ],
  ["a name that is a number", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 1}\n", /no metadata.name$/],
  ["a name with a line end", 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "a\\nb"}\n', /cannot be the name/],
  ["a namespace with blanks", "apiVersion: v1\nkind: X\nmetadata: {name: a, namespace: b c}\n", /is not a name$/],
  ["a kind that is none", "apiVersion: v1\nkind: a b\nmetadata: {name: a}\n", /is not a kind$/],
  ["a bad item of a List", `apiVersion: v1\nkind: List\nitems:\n- ${one.replaceAll("\n", "\n  ")}\n- x\n`, /^9: /],
])("%s is told with its line", (_, text, expected) => {
  expect(problem(text)).toMatch(expected);
});

test("a template in a text block is only text", () => {
  expect(names(`${one}data:\n  rule: |\n    summary: {{ $labels.pod }}\n`)).toEqual(["1 a"]);
});

test("aliases that multiply are refused at once, with a line", () => {
  const bomb = Array.from({ length: 30 }, (_, index) =>
    index === 0 ? "a0: &a0 [x, x]" : `a${index}: &a${index} [*a${index - 1}, *a${index - 1}]`,
  ).join("\n");
  expect(problem(`${one}${bomb}\n`)).toMatch(/^6: its aliases expand to more than/);
});

test("what people share by aliases is read", () => {
  const shared = Array.from({ length: 50 }, (_, index) => `  k${index}: v${index}`).join("\n");
  const uses = Array.from({ length: 400 }, (_, index) => `use${index}: *shared`).join("\n");
  expect(names(`${one}shared: &shared\n${shared}\n${uses}\n`)).toEqual(["1 a"]);
});

test("aliases that nest deep are refused, in whatever order their keys come", () => {
  const chain = (key: (index: number) => string) =>
    Array.from({ length: 215 }, (_, index) =>
      index === 0 ? `${key(0)}: &a0 [x]` : `${key(index)}: &a${index} [*a${index - 1}]`,
    ).join("\n");
  expect(problem(`${one}${chain((index) => `k${index}`)}\n`)).toMatch(/nested more than/);
  expect(problem(`${one}${chain((index) => String(215 - index))}\n`)).toMatch(/nested more than/);
});

test("an alias inside of what it names is refused", () => {
  expect(problem(`${one}data: &d\n  self: *d\n`)).toMatch(/^6: an alias in it stands for what it is a part of/);
});

test("very deep nesting and very long files are refused", () => {
  expect(problem(`${one}data: ${"[".repeat(5_000)}${"]".repeat(5_000)}\n`)).toMatch(/^5: /);
  expect(problem(`${one}${"#".repeat(4_000_001)}`)).toMatch(/longer than 4000000 characters/);
});

test("no text whatever makes reading throw", () => {
  const piece = fc.constantFrom(
    "apiVersion: v1\n",
    "kind: List\n",
    "kind: X\n",
    "metadata:\n",
    "  name: a\n",
    "items:\n",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a ",
    "<<: ",
    "|\n",
    ">-\n",
    "? ",
    ": ",
    "!!int ",
    "!x ",
    "\t",
    "\r\n",
    "---\n",
    "...\n",
    '"',
    "'",
    "\uFEFF",
    "%TAG ! x\n",
    "\u0000",
    "\ud800",
    "__proto__: ",
    "constructor: ",
    "1e9 ",
    "{{ x }}",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 5, arbitrary: piece }, fc.string({ maxLength: 4 })), { maxLength: 25 }),
      (pieces) => {
        const result = readManifests(pieces.join(""));
        expect(typeof result.ok).toBe("boolean");
      },
    ),
    { numRuns: 2_000 },
  );
});
