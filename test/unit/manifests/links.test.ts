import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createMirrors } from "../../../src/git/mirrors.ts";
import { type ImageRules, noImageRules } from "../../../src/model/documents.ts";
import { readEnvironmentTree } from "../../../src/repositories/trees.ts";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../support/repository.ts";

const pod = (name: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec: { containers: [{ name: ${name}, image: "shop/${name}:1" }] }
`;

test("symbolic links are never followed, neither out of the repository nor inside it nor around in circles", async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const bare = join(folder.path, "config.git");
  makeRepository(bare, { "dev/web.yaml": pod("web"), "other/api.yaml": pod("api") });
  writeFileSync(join(folder.path, "secret.yaml"), pod("secret"));
  git(folder.path, "clone", "--quiet", bare, "clone");
  const clone = join(folder.path, "clone");
  symlinkSync(join(folder.path, "secret.yaml"), join(clone, "dev/secret.yaml"));
  symlinkSync("../other", join(clone, "dev/other"));
  symlinkSync("../other/api.yaml", join(clone, "dev/api.yaml"));
  symlinkSync("..", join(clone, "dev/round"));
  symlinkSync("dev", join(clone, "linked"));
  const commit = commitFiles(clone, { "dev/more.yaml": pod("more") }, "Links");
  const mirrors = createMirrors(join(folder.path, "mirrors"));
  onTestFinished(() => mirrors.close());
  const mirror = await mirrors.open(bare);
  await mirror.fetch();

  const read = (paths: string[], images: ImageRules = noImageRules) =>
    readEnvironmentTree(mirror, commit, { paths, images });
  const dev = await read(["dev"]);
  expect([...dev.workloads.keys()].sort()).toEqual(["default:pod/more", "default:pod/web"]);
  expect((await read(["."])).files.map(({ path }) => path)).toEqual([
    "dev/more.yaml",
    "dev/web.yaml",
    "other/api.yaml",
  ]);
  expect((await read(["linked", "dev/other", "dev/secret.yaml"])).emptyPaths).toEqual([
    "linked",
    "dev/other",
    "dev/secret.yaml",
  ]);
  const named = await read(["dev"], {
    fields: [],
    files: [{ path: "dev/secret.yaml", kind: "values", namespace: "shop" }],
  });
  expect(named.problems.map(({ file }) => file)).toEqual(["dev/secret.yaml"]);
});

test("an object written twice is told with both places", async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const bare = join(folder.path, "config.git");
  makeRepository(bare, { "a.yaml": `${pod("other")}---\n${pod("web")}`, "b.yaml": `# again\n\n${pod("web")}` });
  const mirrors = createMirrors(join(folder.path, "mirrors"));
  onTestFinished(() => mirrors.close());
  const mirror = await mirrors.open(bare);
  await mirror.fetch();
  const tree = await readEnvironmentTree(mirror, (await mirror.head("main"))!, { paths: ["."], images: noImageRules });
  expect(tree.problems).toEqual([
    { file: "b.yaml", line: 3, message: "default:pod/web is written twice; the one in a.yaml line 6 counts" },
  ]);
});
