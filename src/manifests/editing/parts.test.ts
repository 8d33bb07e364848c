import fc from "fast-check";
import { expect, test } from "vitest";
import type { ImageRules } from "../../model/documents.ts";
import { editManifests } from "../edit.ts";

const a = `sha256:${"a".repeat(64)}`;
const b = `sha256:${"b".repeat(64)}`;
const head =
  "apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: cart, namespace: shop}\nspec:\n  values:\n";

function release(values: string): string {
  return head + values.replaceAll(/^(?=.)/gm, "    ");
}
function edited(values: string, image: string, container = "chart-image"): string {
  const edit = { workload: "shop:helmrelease/cart", container, image };
  const text = editManifests("cart.yaml", release(values), [edit]).slice(head.length);
  return text.replaceAll(/^ {4}/gm, "");
}

test.each([
  ["one field", "image: shop/cart:1.0 # here\n", "shop/cart:1.1", "image: shop/cart:1.1 # here\n"],
  ["name and tag", "image: shop/cart\ntag: v1\n", "shop/cart:v2", "image: shop/cart\ntag: v2\n"],
  ["another name", "image: shop/cart\ntag: v1\n", "ghcr.io/x/y:v2", "image: ghcr.io/x/y\ntag: v2\n"],
  ["a number", "image: shop/cart\ntag: 1.5 # x\n", "shop/cart:1.10", 'image: shop/cart\ntag: "1.10" # x\n'],
  ["single quotes", "image: shop/cart\ntag: '1.5'\n", "shop/cart:1.10", "image: shop/cart\ntag: '1.10'\n"],
  ["an open tag", 'image: shop/cart\ntag: ""\n', "shop/cart:v2", 'image: shop/cart\ntag: "v2"\n'],
  ["registry and name", "registry: r.io\nimage: x/y:1.0\n", "r.io/x/y:1.1", "registry: r.io\nimage: x/y:1.1\n"],
  ["another registry", "registry: r.io\nimage: x\ntag: v1\n", "s.io/x:v2", "registry: s.io\nimage: x\ntag: v2\n"],
  [
    "a registry with a path",
    "registry: r.io/a\nimage: b\ntag: v1\n",
    "r.io/a/c:v2",
    "registry: r.io/a\nimage: c\ntag: v2\n",
  ],
  [
    "Docker Hub's short name",
    "registry: docker.io\nimage: x/y\ntag: v1\n",
    "x/y:v2",
    "registry: docker.io\nimage: x/y\ntag: v2\n",
  ],
  ["repository and tag", "image: {repository: x/y, tag: v1}\n", "x/y:1e3", 'image: {repository: x/y, tag: "1e3"}\n'],
  [
    "tag and digest in one",
    `image: {repository: x, tag: v1@${a}}\n`,
    `x:v2@${b}`,
    `image: {repository: x, tag: v2@${b}}\n`,
  ],
  [
    "tag and digest apart",
    `image: {repository: x, tag: v1, digest: ${a}}\n`,
    `x:v2@${b}`,
    `image: {repository: x, tag: v2, digest: ${b}}\n`,
  ],
  [
    "a digest that stands empty",
    'image: {repository: x, tag: v1, digest: ""}\n',
    `x:v2@${b}`,
    `image: {repository: x, tag: v2, digest: "${b}"}\n`,
  ],
  [
    "a digest that goes",
    `image: {repository: x, tag: v1, digest: ${a}}\n`,
    "x:v2",
    'image: {repository: x, tag: v2, digest: ""}\n',
  ],
])("chart values with %s keep the way they are split", (_, before, image, after) => {
  expect(edited(before, image)).toBe(after);
});

test("a number with the right digits stays as it is", () => {
  const values = `image: {repository: x, tag: 1.50, digest: ${a}}\n`;
  expect(edited(values, `x:1.5@${b}`)).toBe(values.replace(a, b));
});

test("values without a field for what the reference needs are refused", () => {
  expect(() => edited("image: {repository: x, tag: v1}\n", `x:v2@${b}`)).toThrow(
    /^cart\.yaml line 6: .*no field for a digest/,
  );
  expect(() => edited("image: {repository: x, tag: v1}\n", `x@${b}`)).toThrow(/has no field for a digest|keeps a tag/);
});

test("a field that two images share is refused when the other would change too", () => {
  const text = `apiVersion: helm.fluxcd.io/v1
kind: HelmRelease
metadata:
  name: cart
  namespace: shop
  annotations: {registry.fluxcd.io/one: global.registry, repository.fluxcd.io/one: one.repo, tag.fluxcd.io/one: one.tag,
    registry.fluxcd.io/two: global.registry, repository.fluxcd.io/two: two.repo, tag.fluxcd.io/two: two.tag}
spec: {values: {global: {registry: r.io}, one: {repo: x, tag: v1}, two: {repo: z, tag: v1}}}
`;
  const edit = (container: string, image: string) => ({ workload: "shop:helmrelease/cart", container, image });
  expect(() => editManifests("a.yaml", text, [edit("one", "s.io/x:v2")])).toThrow(
    /the image of two is to be r\.io\/z:v1 and would be s\.io\/z:v1/,
  );
  const both = [edit("one", "s.io/x:v2"), edit("two", "s.io/z:v2")];
  expect(editManifests("a.yaml", text, both)).toBe(text.replace("r.io", "s.io").replaceAll("tag: v1", "tag: v2"));
});

const rules: ImageRules = {
  fields: [],
  files: [{ path: "shop/kustomization.yaml", kind: "kustomization", namespace: "shop" }],
};
function kustomized(entry: string, image: string): string {
  const top = "kind: Kustomization\nimages: # ours\n";
  const edit = { workload: "shop:kustomization/shop", container: "cart", image };
  return editManifests("shop/kustomization.yaml", `${top}${entry}`, [edit], { rules }).slice(top.length);
}

test.each([
  ["newTag", "- name: cart\n  newTag: v1 # t\n", "cart:v2", "- name: cart\n  newTag: v2 # t\n"],
  [
    "a digest it had not",
    "- name: cart\n  newTag: v1 # t\n",
    `cart:v2@${b}`,
    `- name: cart\n  newTag: v2 # t\n  digest: ${b}\n`,
  ],
  ["a tag it had not", `- name: cart\n  digest: ${a}`, `cart:v2@${b}`, `- name: cart\n  digest: ${b}\n  newTag: v2`],
  ["no digest any more", `- name: cart\n  digest: ${a} # d\n  newTag: v1\n`, "cart:v2", "- name: cart\n  newTag: v2\n"],
  [
    "no digest where that stands first",
    `- digest: ${a} # d\n  name: cart\n  newTag: v1\n`,
    "cart:v2",
    "- name: cart\n  newTag: v2\n",
  ],
  ["newName", "- name: cart\n  newName: x\n  newTag: v1\n", "z:v2", "- name: cart\n  newName: z\n  newTag: v2\n"],
  [
    "a newName it had not",
    "- name: cart\n  newTag: v1\n- name: other\n",
    "z:v1",
    "- name: cart\n  newTag: v1\n  newName: z\n- name: other\n",
  ],
  ["braces", "- {name: cart, newTag: '1.0'}\n", `cart:1.1@${b}`, `- {name: cart, newTag: '1.1', digest: ${b}}\n`],
])("a kustomization's entry is given %s", (_, before, image, after) => {
  expect(kustomized(before, image)).toBe(after);
});

const word = fc.constantFrom("cart", "shop/cart", "a/b/c");
const host = fc.constantFrom("r.io", "r.io:5000", "localhost");
const tag = fc.constantFrom("v1", "1.10", "1", "0x10", "main-3", "2026-01-02", "null");
const fields = fc.record({
  registry: fc.option(host, { nil: undefined }),
  name: word,
  tag,
  digest: fc.option(fc.constantFrom(a, b), { nil: undefined }),
});

test("whatever the split, values mean the reference asked for, and nothing else in them changes", () => {
  fc.assert(
    fc.property(fields, fields, fc.constantFrom(2, 6), (old, next, spread) => {
      const image = {
        ...(old.registry === undefined ? {} : { registry: old.registry }),
        repository: old.name,
        tag: old.tag,
        digest: old.digest ?? "",
        pullPolicy: "Always",
      };
      const json = JSON.stringify({ before: { tag: "v1" }, image, after: [1] }, null, spread);
      const registry = next.registry ?? old.registry;
      const wanted = `${registry === undefined ? "" : `${registry}/`}${next.name}:${next.tag}${next.digest === undefined ? "" : `@${next.digest}`}`;
      const values = JSON.parse(edited(`${json}\n`, wanted)) as Record<string, unknown>;
      expect(values).toStrictEqual({
        before: { tag: "v1" },
        image: {
          ...image,
          ...(old.registry === undefined ? {} : { registry }),
          repository: old.registry === undefined && registry !== undefined ? `${registry}/${next.name}` : next.name,
          tag: next.tag,
          digest: next.digest ?? "",
        },
        after: [1],
      });
    }),
    { numRuns: 500 },
  );
});
