import fc from "fast-check";
import { expect, test } from "vitest";
import type { ImageRules } from "../model/documents.ts";
import { readAs, readFile } from "./files.ts";
import { contentOf } from "./read.ts";
import { imagePlacesOf, workloadOf } from "./workloads.ts";

const rules: ImageRules = {
  fields: [],
  files: [
    { path: "apps/web/kustomization.yaml", kind: "kustomization", namespace: "shop" },
    { path: "./values.yaml", kind: "values", namespace: "default" },
    { path: "charts/values-prod.yaml", kind: "values", namespace: "shop", name: "orders" },
  ],
};
function problem(path: string, text: string): string {
  const result = readFile(text, readAs(path, rules));
  if (result.ok) throw new Error("this was read without a problem");
  return `${result.problem.line}: ${result.problem.message}`;
}

test("a file is read as the environment's document says, and called as its folder unless it has a name", () => {
  expect(readAs("apps/web/kustomization.yaml", rules)).toEqual({
    kind: "kustomization",
    namespace: "shop",
    name: "web",
  });
  expect(readAs("values.yaml", rules)).toEqual({ kind: "values", namespace: "default", name: "root" });
  expect(readAs("charts/values-prod.yaml", rules)).toMatchObject({ name: "orders" });
  expect(readAs("apps/web/other.yaml", rules)).toEqual({ kind: "manifests" });
});

test("places lead into the document as it is written, whatever keys it has", () => {
  const text = "kind: x\nmetadata: 1\nobject: {}\nimage: { repository: a/b, tag: '1' }\n";
  const result = readFile(text, readAs("values.yaml", rules));
  if (!result.ok) throw new Error(result.problem.message);
  const [entry] = result.file.objects;
  expect(contentOf(entry!)).toEqual({ kind: "x", metadata: 1, object: {}, image: { repository: "a/b", tag: "1" } });
  expect(imagePlacesOf(entry!)[0]!.parts.map(({ path }) => path)).toEqual([
    ["image", "repository"],
    ["image", "tag"],
  ]);
});

test("a kustomization's annotations hold its policies, its markers name theirs", () => {
  const text = `metadata: { annotations: { fluxcd.io/automated: "true" } }
images:
  - name: web
    newTag: "1" # {"$imagepolicy": "flux-system:web:tag"}
`;
  const path = "apps/web/kustomization.yaml";
  const result = readFile(text, readAs(path, rules));
  if (!result.ok) throw new Error(result.problem.message);
  expect(workloadOf(result.file.objects[0]!, path, rules)).toMatchObject({
    id: "shop:kustomization/web",
    containers: [{ container: "web", image: "web:1", policy: "flux-system:web" }],
    policy: { automated: true },
  });
});

test("an empty file holds nothing", () => {
  for (const text of ["", "# nothing\n", "---\n"])
    expect(readFile(text, readAs("values.yaml", rules))).toEqual({ ok: true, file: { objects: [] } });
});

test.each([
  ["values.yaml", "- a\n", /^1: this is not a file of values/],
  ["values.yaml", "a: 1\n---\nb: 1\n", /^3: a file of values is one document/],
  ["values.yaml", "a:\n\tb: 1\n", /^2: tab/],
  ["apps/web/kustomization.yaml", "# it\napiVersion: v1\nkind: List\n", /^2: this is not a kustomization/],
  ["apps/web/kustomization.yaml", "just text\n", /^1: this is not a kustomization/],
])("%s with %j is a problem with its line", (path, text, expected) => {
  expect(problem(path, text)).toMatch(expected);
});

test("no text makes reading such a file throw, nor any document looking for its images", () => {
  fc.assert(
    fc.property(fc.constantFrom(...rules.files), fc.oneof(fc.string(), fc.json()), ({ path }, text) => {
      const result = readFile(text, readAs(path, rules));
      if (result.ok) for (const entry of result.file.objects) workloadOf(entry, path, rules);
      expect(typeof result.ok).toBe("boolean");
    }),
    { numRuns: 1_000 },
  );
});
