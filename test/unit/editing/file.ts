import fc from "fast-check";
import type { ManifestEdit } from "../../../src/manifests/edit.ts";
import { keys } from "./annotations.ts";
import { type Generated, newTags, workload } from "./objects.ts";
import { type Stretch, value, type Wanted } from "./texts.ts";

/** A generated file with the edits planned for it. */
export interface Case {
  readonly text: Stretch;
  readonly objects: readonly Generated[];
  readonly edits: readonly ManifestEdit[];
  readonly wanted: Wanted;
}

const other = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, annotations: {fluxcd.io/locked: "no"}}
data: &all
  image: &img foo:1
  copy: *img
  text: |
    image: shop/cart:1.0
    # no comment
---
kind: Secret
apiVersion: v1
metadata: {name: twice}
base: &base {a: b}
merged: {<<: *base, c: d}
`;

const form = fc.record({
  list: fc.boolean(),
  mark: fc.boolean(),
  crlf: fc.boolean(),
  noEnd: fc.boolean(),
  start: fc.boolean(),
  other: fc.boolean(),
});

const edit = fc.record({
  image: fc.option(fc.record({ tag: fc.constantFrom(...newTags), digest: fc.boolean() }), { nil: undefined }),
  set: fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 2 }),
  remove: fc.uniqueArray(fc.constantFrom(...keys), { maxLength: 3 }),
  annotated: fc.boolean(),
});

/** Files of one to three objects, as documents or as a List, each in any form YAML has, with edits of any of them. */
export const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }), form)
  .chain(([names, how]) =>
    fc.tuple(fc.tuple(...names.map(workload)), fc.array(edit, { minLength: 12, maxLength: 12 }), fc.constant(how)),
  )
  .map(([objects, choices, how]) => {
    const edits = editsOf(objects, choices);
    const wanted = wantedOf(edits);
    const text: Stretch = (plan) => {
      const parts = objects.map((object) => object.text(plan));
      const apart = [...parts, ...(how.other ? [other] : [])].join("---   # next\n");
      const body = how.list ? `apiVersion: v1\nkind: List\nitems:\n${parts.map(asItem).join("")}` : apart;
      const started = (how.start ? "---\n" : "") + body;
      const ended = how.noEnd ? started.replace(/\n$/, "") : started;
      return (how.mark ? "\uFEFF" : "") + (how.crlf ? ended.replaceAll("\n", "\r\n") : ended);
    };
    return { text, objects, edits, wanted };
  });

/** An object as an item of a List: every line moves right. */
function asItem(text: string): string {
  return `- ${text.replaceAll(/\n(?=.)/g, "\n  ")}`;
}

type Choice = typeof edit extends fc.Arbitrary<infer Value> ? Value : never;

function editsOf(objects: readonly Generated[], choices: readonly Choice[]): ManifestEdit[] {
  let next = 0;
  return objects.flatMap(({ id, containers }): ManifestEdit[] => {
    const images = containers.flatMap(({ name, repository }): ManifestEdit[] => {
      const { image } = choices[next++]!;
      if (image === undefined) return [];
      const digest = image.digest ? `@sha256:${"cd".repeat(32)}` : "";
      return [{ workload: id, container: name, image: `${repository}:${image.tag}${digest}` }];
    });
    const { annotated, set, remove } = choices[next++ % choices.length]!;
    return annotated ? [...images, { kind: "annotations", workload: id, set, remove }] : images;
  });
}

function wantedOf(edits: readonly ManifestEdit[]): Wanted {
  const images = new Map<string, string>();
  const annotations = new Map<string, { set: Readonly<Record<string, string>>; remove: readonly string[] }>();
  for (const one of edits) {
    if (one.kind === "annotations") annotations.set(one.workload, one);
    else images.set(`${one.workload} ${one.container}`, one.image);
  }
  return { images, annotations };
}
