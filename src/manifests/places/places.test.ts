import fc from "fast-check";
import { expect, test } from "vitest";
import type { ImageRules } from "../../model/documents.ts";
import { type KubeObject, objectKey } from "../../model/kubernetes.ts";
import type { Marker } from "../markers.ts";
import type { ImagePlace, PartHolds } from "../place.ts";
import { imagePlaces } from "../workloads.ts";
import { partAt } from "./fields.ts";
import { imageReaders } from "./kinds.ts";

const hostName = fc.constantFrom("registry.example.com", "localhost:5000", "");
const repository = fc.constantFrom("shop/cart", "nginx", "Not An Image", "", "shop/cart:1", "{{ x }}", "a@sha256:00");
const tag = fc.constantFrom<unknown>("1.0", "", 1.1, 20231015, 1e30, null, true, "1.0@sha256:00", "{{ x }}");
const leaf = fc.oneof(hostName, repository, tag);
const key = fc.constantFrom(
  "image",
  "repository",
  "registry",
  "tag",
  "digest",
  "sidecarImage",
  "web",
  "a.b",
  "name",
  "sha",
);
const values = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.dictionary(key, tie("tree"), { maxKeys: 6 }),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.record({ image: fc.record({ registry: hostName, repository, tag }, { requiredKeys: ["repository"] }) }),
    fc.record({ registry: hostName, image: repository, tag }, { requiredKeys: ["image"] }),
    fc.array(fc.record({ name: repository, newName: repository, newTag: tag }, { requiredKeys: ["name"] })),
  ),
})).tree;

const rules: ImageRules = {
  fields: [
    { kind: "example.com/Widget", path: "spec.values.image" },
    { kind: "example.com/Widget", path: "spec.values.web[*].image" },
    { kind: "example.com/Widget", path: 'spec.values["a.b"]', container: "twice" },
    { kind: "example.com/Widget", path: "spec.values.name", container: "twice" },
  ],
  files: [],
};
const object = fc
  .record({
    kind: fc.constantFrom(
      "helm.fluxcd.io/v1 HelmRelease",
      "helm.toolkit.fluxcd.io/v2 HelmRelease",
      "example.com/v1 Widget",
    ),
    tree: fc.dictionary(key, values, { maxKeys: 6 }),
    annotations: fc.dictionary(
      fc.constantFrom(
        "repository.fluxcd.io/web",
        "tag.fluxcd.io/web",
        "registry.sluice.dev/web",
        "repository.fluxcd.io/x y",
      ),
      fc.constantFrom("web.image", "image", "image.repository", "image.tag", "web.0.image", "nowhere"),
    ),
  })
  .map(({ kind, tree, annotations }): KubeObject => {
    const [apiVersion, name] = kind.split(" ") as [string, string];
    return { apiVersion, kind: name, metadata: { name: "x", annotations }, spec: { values: tree } };
  });
const markers = fc.array(
  fc.record({
    document: fc.constant(0),
    path: fc.array(key, { maxLength: 2 }).map((path) => ["spec", "values", ...path]),
    policy: fc.constantFrom("flux-system:web", "flux-system:image"),
    holds: fc.constantFrom<Marker["holds"][]>("reference", "name", "tag", "digest"),
  }),
  { maxLength: 4 },
);

/** What the parts of a place say together, by the meaning each has. */
function together(value: KubeObject, place: ImagePlace): string {
  const text = (...holds: PartHolds[]) =>
    place.parts.filter((part) => holds.includes(part.holds)).map(({ path }) => partAt(value, path)!.text)[0];
  const before = (sign: string, written: string | undefined) => (written ? sign + written : "");
  const registry = text("registry");
  const name = text("reference", "name", "repository", "repository:tag");
  return `${registry === undefined ? "" : `${registry}/`}${name}${before(":", text("tag", "tag@digest"))}${before("@", text("digest"))}`;
}

test("the parts of every place lead to scalars that make its image, whatever an object holds", () => {
  fc.assert(
    fc.property(object, markers, (value, marked) => {
      for (const place of imagePlaces(value, rules, marked))
        if (place.fixed === undefined) expect(together(value, place)).toBe(place.image);
    }),
    { numRuns: 3_000 },
  );
});

test("no two places of an object have one name, and unless people say so, no scalar is part of two", () => {
  fc.assert(
    fc.property(object, markers, (value, marked) => {
      const names = imagePlaces(value, rules, marked).map(({ container }) => container);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_./:-]+$/);
      // Two annotations may name one field on purpose: a registry or a tag that several images share.
      const plain = { ...value, metadata: { name: "x" } };
      const paths = imagePlaces(plain, rules).flatMap(({ parts }) => parts.map(({ path }) => JSON.stringify(path)));
      expect(new Set(paths).size).toBe(paths.length);
    }),
    { numRuns: 3_000 },
  );
});

test("every reader bears any object of its kind", () => {
  fc.assert(
    fc.property(fc.constantFrom(...imageReaders.keys()), fc.anything(), fc.anything(), (kind, spec, annotations) => {
      const [group, name] = kind.includes("/") ? (kind.split("/") as [string, string]) : ["", kind];
      const metadata = { name: "x", annotations: annotations as Record<string, string> };
      const value = { apiVersion: group === "" ? "v1" : `${group}/v1`, kind: name, metadata, spec };
      expect(Array.isArray(imagePlaces(value))).toBe(true);
      expect(objectKey(value)).toContain("x");
    }),
    { numRuns: 2_000 },
  );
});
