import { expect, test } from "vitest";
import { helmReleaseImages } from "./helmRelease.ts";

/** Names and references of a release with these values and annotations. */
function images(values: unknown, annotations: Record<string, string> = {}): string[] {
  const metadata = { name: "x", annotations };
  const places = helmReleaseImages({
    apiVersion: "helm.fluxcd.io/v1",
    kind: "HelmRelease",
    metadata,
    spec: { values },
  });
  return places.map(({ container, image, fixed }) => `${container}=${image}${fixed === undefined ? "" : " fixed"}`);
}

test("the image at the top comes first, found ones and named ones by their names", () => {
  const values = { z: { image: "z:1" }, a: { image: "a:1" }, image: "top:1", own: { at: "m:1" } };
  expect(images(values, { "repository.fluxcd.io/m": "own.at" })).toEqual([
    "chart-image=top:1",
    "a=a:1",
    "m=m:1",
    "z=z:1",
  ]);
});

test("an annotation goes before what is found under its name and in its fields", () => {
  const values = { web: { image: { repository: "web", tag: "1" } }, job: { image: "job:1" } };
  expect(images(values, { "repository.fluxcd.io/web": "job.image" })).toEqual(["web=job:1"]);
  expect(
    images(values, { "repository.fluxcd.io/other": "web.image.repository", "tag.fluxcd.io/other": "web.image.tag" }),
  ).toEqual(["job=job:1", "other=web:1"]);
});

test("an annotation that leads nowhere takes nothing away, and is told where nothing else has its name", () => {
  const values = { web: { image: "web:1" } };
  expect(images(values, { "repository.fluxcd.io/web": "web.picture" })).toEqual(["web=web:1"]);
  expect(images(values, { "repository.fluxcd.io/lost": "web.picture" })).toEqual(["lost= fixed", "web=web:1"]);
  expect(images(values, { "repository.fluxcd.io/w": "web.image", "tag.fluxcd.io/w": "web.tag" })).toEqual([
    "w= fixed",
    "web=web:1",
  ]);
});

test("images may share a registry that annotations name, and stand in lists", () => {
  const values = { hub: "registry.example.com", parts: [{ at: "a:1" }, { at: "b", v: "2" }] };
  const annotations = {
    "registry.fluxcd.io/a": "hub",
    "repository.fluxcd.io/a": "parts.0.at",
    "registry.fluxcd.io/b": "hub",
    "repository.fluxcd.io/b": "parts.1.at",
    "tag.fluxcd.io/b": "parts.1.v",
  };
  expect(images(values, annotations)).toEqual(["a=registry.example.com/a:1", "b=registry.example.com/b:2"]);
});

test.each([
  ["an image without a version, below where Flux v1 looks", { a: { b: { image: "nginx" } } }],
  ["a picture", { a: { logoImage: "logo.png" } }],
  ["something with a repository that is no image", { git: { repository: "team/config", tag: "v1" } }],
  ["a template", { image: "{{ .Values.other }}" }],
  ["switches", { image: true, a: { image: null }, b: { image: 3 }, c: { image: { pullPolicy: "Always" } } }],
])("%s is not taken for one", (_, values) => {
  expect(images(values)).toEqual([]);
});

test("tags that are numbers are what they are read as; one that no tag can be cannot be released", () => {
  const tag = (value: unknown) => images({ image: { repository: "web", tag: value } });
  expect(tag(20231015)).toEqual(["chart-image=web:20231015"]);
  expect(tag(1.5)).toEqual(["chart-image=web:1.5"]);
  expect(tag(2 ** 64)).toEqual(["chart-image=web:18446744073709552000 fixed"]);
  expect(tag(1e30)).toEqual(["chart-image=web:1e+30 fixed"]);
  expect(tag(-1)).toEqual(["chart-image=web:-1 fixed"]);
  expect(tag(true)).toEqual(["chart-image=web fixed"]);
});

test("a digest without its algorithm would stay what it was, so such an image cannot be released", () => {
  expect(images({ image: { repository: "web", tag: "1", sha: "0".repeat(64) } })).toEqual(["chart-image=web:1 fixed"]);
  expect(images({ image: { repository: "web", tag: "1", sha: "" } })).toEqual(["chart-image=web:1"]);
});

test("Kustomize images of post-renderers are found", () => {
  const spec = { postRenderers: [{ kustomize: { images: [{ name: "web", newTag: "2" }] } }, {}] };
  const object = { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", metadata: { name: "x" }, spec };
  expect(helmReleaseImages(object).map(({ container, image }) => `${container}=${image}`)).toEqual(["web=web:2"]);
});
