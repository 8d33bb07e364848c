import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { createMirrors } from "../git/mirrors.ts";
import { noImageRules } from "../model/documents.ts";
import type { GitMirrors } from "../model/ports/git.ts";
import { type EnvironmentTree, readEnvironmentTree } from "./trees.ts";

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  annotations: { fluxcd.io/tag.side: glob:1* }
spec:
  template:
    spec:
      containers:
        - name: web
          image: shop/web:main-1 # {"$imagepolicy": "flux-system:web"}
        - name: side
          image: shop/side:1 # {"$imagepolicy": "flux-system:web"}
        - name: elsewhere
          image: shop/other:1 # {"$imagepolicy": "flux-system:other"}
`;
const policy = (order: string) => `apiVersion: image.toolkit.fluxcd.io/v1beta2
kind: ImagePolicy
metadata: { name: web, namespace: flux-system }
spec:
  filterTags: { pattern: "^main-(?P<run>[0-9]+)$", extract: $run }
  policy: { numerical: { order: ${order} } }
`;

let folder: ReturnType<typeof temporaryFolder>;
let repository: string;
let mirrors: GitMirrors;
beforeEach(async () => {
  folder = temporaryFolder();
  repository = join(folder.path, "config.git");
  mirrors = createMirrors(join(folder.path, "mirrors"));
});
afterEach(async () => {
  await mirrors.close();
  folder.remove();
});
async function tree(files: Record<string, string>): Promise<EnvironmentTree> {
  makeRepository(repository, files);
  const mirror = await mirrors.open(repository);
  await mirror.fetch();
  const commit = await mirror.head("main");
  return readEnvironmentTree(mirror, commit!, { paths: ["apps", "flux"], images: noImageRules });
}
const tags = (found: EnvironmentTree) => found.workloads.get("shop:deployment/web")!.policy.tags;

test("a marker's ImagePolicy in the same tree is the container's filter, unless an annotation says otherwise", async () => {
  const found = await tree({ "apps/web.yaml": deployment, "flux/policies/web.yaml": policy("asc") });
  const expected = { web: "numerical:asc:$run:^main-(?P<run>[0-9]+)$", side: "glob:1*" };
  expect(tags(found)).toEqual(expected);
  expect([...found.workloads.values()].map((workload) => workload.policy.tags)).toEqual([expected]);
  expect(found.problems).toEqual([]);
});

test("an ImagePolicy that cannot be used is told with its place, and lets nothing through", async () => {
  const found = await tree({ "apps/web.yaml": deployment, "flux/policies/web.yaml": policy("up") });
  expect(tags(found).web).toBe("imagepolicy:flux-system:web");
  expect(found.problems).toEqual([
    {
      file: "flux/policies/web.yaml",
      line: 1,
      message: 'ImagePolicy flux-system:web: spec.policy.numerical.order is "up", not asc or desc',
    },
  ]);
});

test("without its ImagePolicy in the tree a marker says nothing about tags", async () => {
  expect(tags(await tree({ "apps/web.yaml": deployment }))).toEqual({ side: "glob:1*" });
});
