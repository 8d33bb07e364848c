import fc from "fast-check";
import { expect, test } from "vitest";
import type { KubeObject } from "../model/kubernetes.ts";
import { readManifests } from "./read.ts";
import { writeManifest } from "./write.ts";

/** Texts that YAML readers of one age or another take for something else. */
const tricky = fc.constantFrom(
  ..."yes no on off y n true False null ~ 0755 0o17 0x1F 0b11 1_000 1e3 .5 1:30 190:20:30 2001-01-01 = <<".split(" "),
  ...[
    "",
    " lead",
    "trail ",
    "a: b",
    "a #b",
    "- a",
    "? a",
    "line\nline\n",
    "\n",
    "tab\t",
    "\u0085",
    "'",
    '"',
    "{",
    "%a",
  ],
);
const text = fc.oneof(tricky, fc.string(), fc.string({ unit: "binary" }));
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(text, tie("any"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any;

test("what is written is read back as the same objects, whatever their texts look like", () => {
  const object = fc
    .record({ spec: value, labels: fc.dictionary(tricky, text, { maxKeys: 3, noNullPrototype: true }) })
    .map(
      ({ spec, labels }): KubeObject => ({
        apiVersion: "v1",
        kind: "Thing",
        metadata: { name: "x", labels },
        spec,
      }),
    );
  fc.assert(
    fc.property(fc.array(object, { minLength: 1, maxLength: 3 }), (objects) => {
      const read = readManifests(objects.map(writeManifest).join(""));
      expect(read.ok ? read.file.objects.map((entry) => entry.object) : read.problem).toEqual(objects);
    }),
  );
});
