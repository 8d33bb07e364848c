import fc from "fast-check";
import { expect, test } from "vitest";
import { SluiceError } from "../../errors.ts";
import { type AnnotationEdit, editManifests } from "../edit.ts";
import { readManifests } from "../read.ts";

const body = "spec: {template: {spec: {containers: [{name: cart, image: cart}]}}}\n";
const top = "apiVersion: apps/v1\nkind: Deployment\n";

function annotate(metadata: string, set: Record<string, string>, remove: string[] = []): string {
  const edit: AnnotationEdit = { kind: "annotations", workload: "shop:deployment/cart", set, remove };
  const text = editManifests("a.yaml", top + metadata + body, [edit]);
  expect(text.endsWith(body)).toBe(true);
  return text.slice(top.length, -body.length);
}
const named = "metadata:\n  name: cart\n  namespace: shop\n";

test.each<[string, string, Record<string, string>, string[], string]>([
  [
    "sets one in the style it has",
    `${named}  annotations:\n    a: 'one' # why\n    b: two\n`,
    { a: "it's", b: "three" },
    [],
    `${named}  annotations:\n    a: 'it''s' # why\n    b: three\n`,
  ],
  [
    "quotes what would be read as something else",
    `${named}  annotations:\n    a: one\n    b: 'two'\n`,
    { a: "true", b: "1" },
    [],
    `${named}  annotations:\n    a: "true"\n    b: '1'\n`,
  ],
  [
    "gives a key without a value one",
    `${named}  annotations:\n    a: # why\n    b:\n`,
    { a: "x", b: "" },
    [],
    `${named}  annotations:\n    a: x # why\n    b: ""\n`,
  ],
  [
    "adds below the last one, before the comments that follow",
    `${named}  annotations:\n    a: one # why\n    # the end\n  labels: {}\n`,
    { c: "3", d: "x" },
    [],
    `${named}  annotations:\n    a: one # why\n    c: "3"\n    d: x\n    # the end\n  labels: {}\n`,
  ],
  [
    "makes the mapping with the indent of the file",
    "metadata:\n    name: cart # its name\n    namespace: shop\n    labels:\n        app: cart\n# what follows\n",
    { a: "x" },
    [],
    "metadata:\n    name: cart # its name\n    namespace: shop\n    labels:\n        app: cart\n    annotations:\n        a: x\n# what follows\n",
  ],
  [
    "fills an empty mapping",
    `${named}  annotations: {} # none yet\n`,
    { a: "x", "b c": "y" },
    [],
    `${named}  annotations: { a: x, "b c": "y" } # none yet\n`,
  ],
  ["fills a null", `${named}  annotations: null\n`, { a: "x" }, [], `${named}  annotations: { a: x }\n`],
  [
    "fills a key with nothing behind it",
    `${named}  annotations: # none yet\n`,
    { a: "x" },
    [],
    `${named}  annotations: # none yet\n    a: x\n`,
  ],
  [
    "takes whole lines out with their comments",
    `${named}  annotations:\n    # first\n    a: one # gone\n    b: |\n      two\n\n      lines\n    c: three\n`,
    {},
    ["a", "b", "nothing"],
    `${named}  annotations:\n    # first\n    c: three\n`,
  ],
  [
    "takes the mapping away with its last key, and leaves comments between its lines",
    `metadata:\n  annotations: # ours\n    # first\n    a: one # gone\n  name: cart\n  namespace: shop\n`,
    {},
    ["a"],
    "metadata:\n    # first\n  name: cart\n  namespace: shop\n",
  ],
  [
    "exchanges the only one for another",
    `${named}  annotations:\n    a: one # gone\n`,
    { b: "x" },
    ["a"],
    `${named}  annotations:\n    b: x\n`,
  ],
  [
    "works between braces",
    "metadata: {name: cart, annotations: {a: one, b: two, c: three}, namespace: shop} # all\n",
    { d: "x" },
    ["a", "c"],
    "metadata: {name: cart, annotations: {b: two, d: x}, namespace: shop} # all\n",
  ],
  [
    "makes and takes away mappings between braces",
    "metadata: {name: cart, namespace: shop}\n",
    { a: "1" },
    [],
    'metadata: {name: cart, namespace: shop, annotations: { a: "1" }}\n',
  ],
  [
    "takes a mapping away between braces",
    "metadata: {annotations: {a: one}, name: cart, namespace: shop}\n",
    {},
    ["a"],
    "metadata: {name: cart, namespace: shop}\n",
  ],
  [
    "keeps braces over several lines",
    'metadata: {\n  "annotations": {\n    "a": "one", # one\n    "b": "two"\n  },\n  "name": "cart", "namespace": "shop" }\n',
    { c: "true" },
    ["b"],
    'metadata: {\n  "annotations": {\n    c: "true",\n    "a": "one" # one\n  },\n  "name": "cart", "namespace": "shop" }\n',
  ],
  [
    "takes the first away and adds one over several lines",
    'metadata: {\n  "annotations": {\n    "a": "one",\n    "b": "two"\n  },\n  "name": "cart", "namespace": "shop" }\n',
    { c: "true" },
    ["a"],
    'metadata: {\n  "annotations": {\n    c: "true",\n    "b": "two"\n  },\n  "name": "cart", "namespace": "shop" }\n',
  ],
  [
    "takes the last two away where the brace closes behind them",
    "metadata: {name: cart, namespace: shop,\n  annotations: {\n    a: one,\n    b: two,\n    c: three } }\n",
    { d: "x" },
    ["b", "c"],
    "metadata: {name: cart, namespace: shop,\n  annotations: {\n    d: x,\n    a: one } }\n",
  ],
  [
    "takes the first two away, of which one has a line of its own",
    "metadata: {name: cart, namespace: shop, annotations: {a: one,\n    b: two,\n  c: three}}\n",
    {},
    ["a", "b"],
    "metadata: {name: cart, namespace: shop, annotations: {c: three}}\n",
  ],
  [
    "keeps the comments of what stays between braces",
    "metadata: {name: cart, namespace: shop, annotations: {a: one,\n    # above b\n    b: two, # b's\n    c: three}}\n",
    {},
    ["a", "c"],
    "metadata: {name: cart, namespace: shop, annotations: {\n    # above b\n    b: two # b's\n    }}\n",
  ],
  [
    "takes a key away that is written with a question mark",
    `${named}  annotations:\n    a: one\n    ? b\n    : two # gone\n    # stays\n`,
    {},
    ["b"],
    `${named}  annotations:\n    a: one\n    # stays\n`,
  ],
  [
    "replaces a block that ends or starts with blanks",
    `${named}  annotations:\n    a: |-\n      one  \n    b: |2-\n         two\n`,
    { a: "x", b: "y" },
    [],
    `${named}  annotations:\n    a: "x"\n    b: "y"\n`,
  ],
  [
    "fills a null behind a tab",
    `${named}  annotations:\t~ # none\n`,
    { a: "x" },
    [],
    `${named}  annotations: { a: x } # none\n`,
  ],
  [
    "takes away and sets the same key: it goes",
    `${named}  annotations:\n    a: one\n    b: two\n`,
    { a: "x" },
    ["a"],
    `${named}  annotations:\n    b: two\n`,
  ],
  [
    "puts a text of several lines on one, behind its key",
    `${named}  annotations:\n    a: | # why\n      two\n      lines\n\n    b: >-\n      one\n`,
    { a: "x", b: "two\nlines" },
    [],
    `${named}  annotations:\n    a: "x" # why\n\n    b: "two\\nlines"\n`,
  ],
  [
    "adds behind a text that keeps its blank lines",
    `${named}  annotations:\n    a: |+\n      text\n\n`,
    { b: "x" },
    [],
    `${named}  annotations:\n    a: |+\n      text\n\n    b: x\n`,
  ],
])("annotating %s", (_, before, set, remove, after) => {
  expect(annotate(before, set, remove)).toBe(after);
});

test.each([
  ["an alias", `${named}  labels: &all {a: x}\n  annotations: *all\n`, /line 7: .*"a" of .* YAML alias or merge/],
  ["a merge", `${named}  labels: &all {a: x}\n  annotations: {<<: *all, b: c}\n`, /line 7: .* YAML alias or merge/],
  ["an alias as the value", `${named}  labels: {a: &v x}\n  annotations: {a: *v}\n`, /line 7: .* YAML alias or merge/],
  [
    "an anchor used elsewhere",
    `${named}  annotations: {a: &v x}\n  labels: {b: *v}\n`,
    /would change metadata\.labels\.b of deployment\/cart \(line 7\) too/,
  ],
  ["other fields", `${named}  annotations: {a: {b: c}}\n`, /line 6: .* is no text but holds other fields/],
  ["an anchor on nothing", `${named}  annotations: &none\n`, /line 6: .*there is no plain place/],
])("annotations that stand in %s are refused with line and reason", (_, metadata, reason) => {
  expect(() => annotate(metadata, { a: "new" })).toThrow(SluiceError);
  expect(() => annotate(metadata, { a: "new" })).toThrow(reason);
});

test("a mapping whose key is written with a question mark is not taken away with its last key", () => {
  const metadata = `${named}  ? annotations\n  :\n    a: one\n`;
  expect(() => annotate(metadata, {}, ["a"])).toThrow(/line 8: .* cannot be taken out without touching/);
});

test("an anchor that is used elsewhere is not taken away with its key", () => {
  const metadata = `${named}  annotations: {a: &v x}\n  labels: {b: *v}\n`;
  expect(() => annotate(metadata, {}, ["a"])).toThrow(/line 6: .*would leave a file that cannot be read/);
});

test("what would become part of a text above is refused, with a way out that has to do with it", () => {
  const metadata = "metadata:\n  name: cart\n  namespace: |-\n   shop\n  annotations:\n    # above\n    a: one\n";
  expect(() => annotate(metadata, {}, ["a"])).toThrow(/would change metadata\.namespace .*change it by hand$/);
});

test("text that is no Unicode is refused", () => {
  expect(() => annotate(named, { a: "\ud800" })).toThrow(/no Unicode/);
});

const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom("'", '"', "\\", "\n", ":", "#", " ", "\u2028", "\u0085"), fc.string()),
});
const where = fc.constantFrom(
  `${named}`,
  `${named}  annotations:\n    old: 'x'\n    older: y\n`,
  `${named}  annotations: {old: "x", older: y}\n`,
  `${named}  annotations:\n    old: |-\n      x\n    older: >\n      y\n      z\n`,
);

test("any text is read back as exactly that text", () => {
  fc.assert(
    fc.property(where, anyText, anyText, fc.constantFrom("old", "older", "new"), (metadata, value, odd, key) => {
      const set = { [key]: value, [`k${odd}`]: value };
      fc.pre(value.isWellFormed() && odd.isWellFormed());
      const read = readManifests(top + annotate(metadata, set) + body);
      expect(read.ok && read.file.objects[0]!.object.metadata.annotations).toMatchObject(set);
    }),
    { numRuns: 1_000 },
  );
});
