import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Mirror } from "../../../src/git/mirror.ts";
import { noImageRules } from "../../../src/model/documents.ts";
import { readEnvironmentTree } from "../../../src/repositories/trees.ts";
import { git, makeRepository, temporaryFolder } from "../../support/repository.ts";

const folder = temporaryFolder();
const bare = join(folder.path, "hostile.git");
let mirror: Mirror;

const pod = (name: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\nspec: {containers: [{name: a, image: a:1}]}\n`;

/** Writes a loose object whatever it holds, as somebody does who means harm. */
function object(type: "blob" | "tree", data: Buffer | string): string {
  const body = Buffer.from(data);
  const whole = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
  const id = createHash("sha1").update(whole).digest("hex");
  const place = join(bare, "objects", id.slice(0, 2));
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, id.slice(2)), deflateSync(whole));
  return id;
}
interface Item {
  readonly mode: "100644" | "120000" | "40000" | "160000";
  readonly name: string;
  readonly id: string;
}
function tree(items: readonly Item[]): string {
  const sorted = [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
  return object(
    "tree",
    Buffer.concat(sorted.flatMap(({ mode, name, id }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")])),
  );
}
const file = (name: string, text: string | Buffer): Item => ({ mode: "100644", name, id: object("blob", text) });
const link = (name: string, to: string): Item => ({ mode: "120000", name, id: object("blob", to) });
const sub = (name: string, id: string): Item => ({ mode: "40000", name, id });

async function commitOf(root: string): Promise<string> {
  const commit = git(bare, "commit-tree", root, "-m", "Hostile").trim();
  git(bare, "update-ref", "refs/heads/main", commit);
  await mirror.fetch();
  return commit;
}
async function read(root: string, paths: readonly string[] = ["shop"]) {
  return readEnvironmentTree(mirror, await commitOf(root), { paths, images: noImageRules });
}

beforeAll(async () => {
  makeRepository(bare, { "README.md": "hostile" });
  mirror = await Mirror.open(bare, join(folder.path, "mirror.git"));
});
afterAll(async () => {
  await mirror.close();
  folder.remove();
});

test("symlinks are never followed: not out of the tree, not in circles, not to other files", async () => {
  const inside = tree([
    link("away.yaml", "/etc/passwd"),
    link("up.yaml", "../../../../secret.yaml"),
    link("beside.yaml", "real.yaml"),
    link("loop-a.yaml", "loop-b.yaml"),
    link("loop-b.yaml", "loop-a.yaml"),
    link("self", "."),
    file("real.yaml", pod("real")),
  ]);
  const found = await read(tree([sub("shop", inside), file("secret.yaml", pod("secret"))]));
  expect(found.files.map(({ path }) => path)).toEqual(["shop/real.yaml"]);
  expect([...found.workloads.keys()]).toEqual(["shop:pod/real"]);
});

test("a path that is itself a symlink or a submodule holds nothing", async () => {
  const elsewhere = tree([file("a.yaml", pod("a"))]);
  const module: Item = { mode: "160000", name: "module", id: "1".repeat(40) };
  const root = tree([link("shop", "elsewhere"), sub("elsewhere", elsewhere), module]);
  const found = await read(root, ["shop", "module"]);
  expect(found.files).toEqual([]);
  expect([...found.emptyPaths].sort()).toEqual(["module", "shop"]);
});

test("names that climb out of a folder lead nowhere but to themselves", async () => {
  const climbing = tree([sub("..", tree([file("x.yaml", pod("climbed"))])), file("../y.yaml", pod("written"))]);
  const commit = await commitOf(tree([sub("shop", climbing), file("x.yaml", pod("x")), file("y.yaml", pod("y"))]));
  for (const path of ["../x.yaml", "shop/../x.yaml", "./../.."])
    await expect(mirror.files(commit, [path])).rejects.toThrow(/leaves the repository/);
  expect(await mirror.files(commit, ["/etc"])).toEqual([]);
  const found = await readEnvironmentTree(mirror, commit, { paths: ["shop"], images: noImageRules });
  expect(found.workloads.has("shop:pod/x")).toBe(false);
  expect(found.workloads.has("shop:pod/y")).toBe(false);
});

test("a file that is too large or no text is told by name, and the others are read", async () => {
  const inside = tree([
    file("a-huge.yaml", Buffer.alloc(9_000_000, "x")),
    file("big.json", Buffer.alloc(5_000_000, "x")),
    file("odd.yaml", Buffer.from([0xff, 0xfe, 0, 0x61, 0x80])),
    file("good.yaml", pod("good")),
  ]);
  const found = await read(tree([sub("shop", inside)]));
  expect([...found.workloads.keys()]).toEqual(["shop:pod/good"]);
  expect(found.problems.map((problem) => problem.file)).toEqual(["shop/a-huge.yaml", "shop/big.json", "shop/odd.yaml"]);
  for (const { message } of found.problems) expect(message).toMatch(/too large|longer than|not UTF-8/);
});

test("folders a thousand deep are read", async () => {
  let at = tree([file("a.yaml", pod("deep"))]);
  for (let depth = 0; depth < 1_000; depth++) at = tree([sub("d", at)]);
  const found = await read(tree([sub("shop", at)]));
  expect([...found.workloads.keys()]).toEqual(["shop:pod/deep"]);
});

test("a few folders that stand for ten billion files are refused", async () => {
  let at = tree([file("a.yaml", pod("bomb"))]);
  for (let depth = 0; depth < 10; depth++) at = tree(Array.from({ length: 10 }, (_, index) => sub(`d${index}`, at)));
  await expect(read(tree([sub("shop", at)]))).rejects.toThrow(/more than \d+ files/);
});
