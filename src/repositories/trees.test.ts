import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { Mirror } from "../git/mirror.ts";
import { noImageRules } from "../model/documents.ts";
import { type EnvironmentPlaces, type EnvironmentTree, readEnvironmentTree, unreadableFiles } from "./trees.ts";

let folder: ReturnType<typeof temporaryFolder>;
let bare: string;
let mirror: Mirror;
let start: string;

const deployment = (name: string, tag = "1") => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec: { template: { spec: { containers: [{ name: ${name}, image: "shop/${name}:${tag}" }] } } }
`;

beforeEach(async () => {
  folder = temporaryFolder();
  bare = join(folder.path, "config.git");
  makeRepository(bare, { "README.md": "# Config\n" });
  mirror = await Mirror.open(bare, join(folder.path, "mirror"));
  await mirror.fetch();
  start = (await mirror.head("main"))!;
});
afterEach(async () => {
  await mirror.close();
  folder.remove();
});

function commit(parent: string, files: Readonly<Record<string, string | null>>): Promise<string> {
  const author = { name: "Ana", email: "ana@shop.example" };
  return mirror.commit({ parent, files: new Map(Object.entries(files)), message: "Change\n", author, at: 1e12 });
}
const places = (...paths: string[]): EnvironmentPlaces => ({ paths, images: noImageRules });
const marked = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      containers:
        - name: web
          image: shop/web:1 # {"$imagepolicy": "shop:web"}
`;
const imagePolicy = (range: string) => `apiVersion: image.toolkit.fluxcd.io/v1beta2
kind: ImagePolicy
metadata: { name: web, namespace: shop }
spec: { policy: { semver: { range: "${range}" } } }
`;
const contents = (tree: EnvironmentTree) => ({
  files: tree.files,
  workloads: [...tree.workloads],
  size: tree.workloads.size,
  problems: tree.problems,
  emptyPaths: tree.emptyPaths,
  unreadable: unreadableFiles(tree),
});

test("a tree read from another one says the same as one read from nothing, whatever changed in between", async () => {
  const name = fc.constantFrom("web", "api", "cart");
  const text = fc.oneof(
    name.map((one) => deployment(one)),
    name.map((one) => deployment(one, "2")),
    fc.tuple(name, name).map(([one, other]) => [deployment(one), deployment(other)].join("---\n")),
    fc.constantFrom("a: [", "", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n", null),
    fc.constantFrom(
      marked,
      imagePolicy("1.x"),
      imagePolicy("2.x"),
      imagePolicy("???"),
      "image: { repository: shop/cart, tag: v1 }\n",
    ),
  );
  const file = fc.constantFrom("a.yaml", "a/b.yaml", "a/b/c.yml", "a/d.json", "a/e.txt", "z/f.yaml", "z/g.yaml");
  const change = fc.array(fc.tuple(file, text), { minLength: 1, maxLength: 4 });
  const values = { path: "a/e.txt", kind: "values", namespace: "shop" } as const;
  const looks = [
    places("."),
    places("a", "z/g.yaml"),
    places("a/b", "./a//", "nowhere"),
    { paths: ["z"], images: { fields: [], files: [values] } },
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const commits: string[] = [];
      for (const files of changes) commits.push(await commit(commits.at(-1) ?? start, Object.fromEntries(files)));
      await mirror.written();
      for (const look of looks)
        for (const at of [...commits, commits[0]!]) {
          // What never read anything else cannot share anything.
          const fresh = await Mirror.open(bare, join(folder.path, "mirror"));
          const expected = contents(await readEnvironmentTree(fresh, at, look));
          await fresh.close();
          const tree = await readEnvironmentTree(mirror, at, look);
          expect(contents(tree)).toEqual(expected);
          for (const each of tree.files) expect(tree.file(each.path)).toBe(each);
          for (const [id, workload] of tree.workloads) expect(tree.workloads.get(id)).toEqual(workload);
        }
    }),
    { numRuns: 25 },
  );
});

test("a commit shares with the one before it all that it did not change", async () => {
  const first = await commit(start, { "a/web.yaml": deployment("web"), "b/api.yaml": deployment("api"), "b/x": "x" });
  const second = await commit(first, { "b/api.yaml": deployment("api", "2") });
  const third = await commit(second, { "c.md": "elsewhere" });
  const [one, two, three] = await Promise.all(
    [first, second, third].map((at) => readEnvironmentTree(mirror, at, places("a", "b"))),
  );
  expect(two!.file("a/web.yaml")).toBe(one!.file("a/web.yaml"));
  expect(two!.workloads.get("shop:deployment/web")).toBe(one!.workloads.get("shop:deployment/web"));
  expect(two!.workloads.get("shop:deployment/api")?.containers[0]?.image).toBe("shop/api:2");
  expect([three!.commit, three!.file("b/api.yaml")]).toEqual([third, two!.file("b/api.yaml")]);
});

test("a workload written in two files is told with both places, and the first counts until it goes", async () => {
  const first = await commit(start, { "b.yaml": `# b\n${deployment("web", "2")}`, "a.yaml": deployment("web", "1") });
  const tree = await readEnvironmentTree(mirror, first, places("."));
  expect(tree.workloads.get("shop:deployment/web")).toMatchObject({ file: "a.yaml" });
  expect(tree.problems).toEqual([
    { file: "b.yaml", line: 2, message: "shop:deployment/web is written twice; the one in a.yaml line 1 counts" },
  ]);
  const second = await readEnvironmentTree(mirror, await commit(first, { "a.yaml": null }), places("."));
  expect(second.workloads.get("shop:deployment/web")).toMatchObject({ file: "b.yaml" });
  expect(second.problems).toEqual([]);
});

test("how much may stand below a path counts for each path by itself", async () => {
  const many = (folder: string) =>
    Array.from({ length: 31_000 }, (_, at) => [`${folder}/${at % 155}/${Math.floor(at / 155)}.txt`, ""] as const);
  const at = await commit(start, Object.fromEntries([...many("a"), ...many("b")]));
  expect((await readEnvironmentTree(mirror, at, places("a", "b"))).files).toEqual([]);
  await expect(readEnvironmentTree(mirror, at, places("."))).rejects.toThrow("more than 60000 files below one path");
});

test("a file whose bytes are not UTF-8 is told with its line, and never written back as something else", async () => {
  git(folder.path, "clone", "--quiet", bare, "clone");
  const clone = join(folder.path, "clone");
  const latin = deployment("web").replace("kind:", "# gr\xfc\xdfe\nkind:");
  writeFileSync(join(clone, "web.yaml"), Buffer.from(latin, "latin1"));
  const at = commitFiles(clone, { "api.yaml": `# grüße\n${deployment("api")}` }, "Odd bytes");
  await mirror.fetch();
  const tree = await readEnvironmentTree(mirror, at, places("."));
  expect([...tree.workloads.keys()]).toEqual(["shop:deployment/api"]);
  expect(tree.problems).toEqual([{ file: "web.yaml", line: 2, message: "it is not UTF-8 text; save it as UTF-8" }]);
});
