import { expect, test } from "vitest";
import { readFile } from "../manifests/files.ts";
import { workloadOf } from "../manifests/workloads.ts";
import type { ImageRules } from "../model/documents.ts";
import type { EnvironmentTree } from "../repositories/trees.ts";
import { desiredState } from "./desired.ts";
import { followedRules, unappliedReport, unappliedWorkloads } from "./unapplied.ts";

const rule = (path: string): ImageRules["files"][number] => ({ path, kind: "kustomization", namespace: "shop" });

test("an agent applies what stands in its own paths, whatever the server says of it", () => {
  const files = ["a/b/c.yaml", "./a//b/c.yaml", "a/bc.yaml", "d.yaml", "e/k.yaml"].map(rule);
  const followed = (paths: string[]) => followedRules({ fields: [], files }, paths).files.map(({ path }) => path);
  expect(followed(["a/b", "d.yaml"])).toEqual(["a/bc.yaml", "e/k.yaml"]);
  expect(followed(["./a/b/"])).toEqual(["a/bc.yaml", "d.yaml", "e/k.yaml"]);
  expect(followed(["."])).toEqual([]);
});

test("a file that no agent applies is reported with Git's images, and never becomes an object", () => {
  const text = "images: [{ name: web, newTag: '1' }]\n";
  const result = readFile(text, { kind: "kustomization", namespace: "shop", name: "web" });
  if (!result.ok) throw new Error(result.problem.message);
  const workloads = result.file.objects.flatMap((entry) => workloadOf(entry, "k.yaml") ?? []);
  const file = { path: "k.yaml", blob: "b", result, workloads, policies: [] };
  const tree: EnvironmentTree = {
    commit: "c",
    files: [file],
    file: (path) => (path === "k.yaml" ? file : undefined),
    workloads: new Map(),
    problems: [],
    emptyPaths: [],
  };
  expect(desiredState(tree, () => true).objects.size).toBe(0);
  const found = unappliedWorkloads(tree, { fields: [], files: [rule("gone.yaml"), rule("./k.yaml")] });
  expect(found.map((workload) => unappliedReport(workload, 7))).toMatchObject([
    {
      id: "shop:kustomization/web",
      verdict: { state: "applied", since: 7 },
      containers: [{ container: "web", image: "web:1", running: [] }],
    },
  ]);
});
