import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { readHeads } from "./refs.ts";

test("branches are read as git tells them: loose, packed, packed and moved since, in folders, deleted", async () => {
  const folder = temporaryFolder();
  const bare = join(folder.path, "a.git");
  makeRepository(bare, { "a.txt": "a\n" });
  const told = () => {
    const lines = git(bare, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").trim();
    return Object.fromEntries(lines.split("\n").map((line) => line.split(" ")));
  };
  const check = async () => expect(Object.fromEntries(await readHeads(bare))).toEqual(told());
  for (const name of ["dev", "releases/1.0", "releases/1.1", "ünï"]) git(bare, "branch", name, "main");
  git(bare, "tag", "-m", "a tag", "v1");
  await check();
  git(bare, "pack-refs", "--all");
  await check();
  git(folder.path, "clone", "--quiet", bare, "clone");
  const moved = commitFiles(join(folder.path, "clone"), { "a.txt": "b\n" }, "Move");
  git(bare, "branch", "-D", "releases/1.0");
  git(bare, "branch", "late", "main");
  await check();
  writeFileSync(join(bare, "refs/heads/late.lock"), `${moved}\n`);
  await check();
  expect((await readHeads(bare)).get("main")).toBe(moved);
  folder.remove();
});
