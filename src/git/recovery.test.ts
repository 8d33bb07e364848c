import { chmodSync, existsSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { until } from "../../test/support/until.ts";
import { Mirror } from "./mirror.ts";
import { runGit } from "./process.ts";

let folder: ReturnType<typeof temporaryFolder>;
let bare: string;
let clone: string;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  bare = join(folder.path, "config.git");
  clone = join(folder.path, "clone");
  path = join(folder.path, "mirror");
  makeRepository(bare, { "one.yaml": "one\n" });
  git(folder.path, "clone", "--quiet", bare, "clone");
});
afterEach(() => folder.remove());

test("locks that a killed git left in the mirror do not keep it from going on", async () => {
  git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/review/a");
  const mirror = await Mirror.open(bare, path);
  await mirror.fetch();
  git(path, "pack-refs", "--all");
  const locks = ["packed-refs.lock", "refs/heads/main.lock"].map((name) => join(path, name));
  for (const lock of locks) {
    writeFileSync(lock, "");
    utimesSync(lock, 1e9, 1e9);
  }
  git(clone, "push", "--quiet", "origin", ":refs/heads/review/a");
  const commit = commitFiles(clone, { "one.yaml": "two\n" }, "Two");
  await mirror.fetch();
  expect([await mirror.head("main"), await mirror.head("review/a")]).toEqual([commit, undefined]);
  expect(locks.filter((lock) => existsSync(lock))).toEqual([]);
  await mirror.close();
});

test("a mirror whose making was interrupted is made again", async () => {
  await (await Mirror.open(bare, path)).close();
  rmSync(join(path, "objects"), { recursive: true });
  const mirror = await Mirror.open(bare, path);
  await mirror.fetch();
  expect(await mirror.head("main")).toBe(git(bare, "rev-parse", "main").trim());
  await mirror.close();
});

test.each(["objects", "objects/pack", "HEAD"])(
  "a mirror that a power cut left broken in %s is made anew",
  async (where) => {
    const first = await Mirror.open(bare, path);
    await first.fetch();
    await first.close();
    if (where === "objects/pack") git(path, "repack", "-adq");
    // What was not on the disk yet is empty afterwards.
    for (const name of where === "HEAD" ? ["HEAD"] : objectFiles()) {
      chmodSync(join(path, name), 0o644);
      truncateSync(join(path, name));
    }
    const mirror = await Mirror.open(bare, path);
    const commit = commitFiles(clone, { "two.yaml": "two\n" }, "Two");
    // Where git does not notice by itself, whoever reads does.
    await mirror.fetch().catch(() => {});
    await mirror.files(commit, ["."]).catch(() => {});
    await mirror.fetch();
    const found = await mirror.files(commit, ["."]);
    expect(await Promise.all(found.map((file) => mirror.read(file.blob)))).toEqual(["one\n", "two\n"]);
    await mirror.close();
  },
);
const objectFiles = () =>
  readdirSync(join(path, "objects"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith("info"))
    .map((entry) => relative(path, join(entry.parentPath, entry.name)));

test("git is asked to end before it is killed, so that it takes its locks away", async () => {
  const [began, tidied] = ["began", "tidied"].map((name) => join(folder.path, name));
  const alias = `alias.wait=!trap 'touch ${tidied}; exit 1' TERM; touch ${began}; while :; do sleep 0.05; done`;
  const stop = new AbortController();
  const running = runGit(bare, ["-c", alias, "wait"], { signal: stop.signal });
  await until("the beginning", () => existsSync(began!));
  stop.abort();
  await running;
  await until("tidying up", () => existsSync(tidied!));
});

test("a git that does not listen is killed", async () => {
  const began = join(folder.path, "began");
  const alias = `alias.wait=!trap '' TERM; touch ${began}; while :; do sleep 0.05; done`;
  const stop = new AbortController();
  const running = runGit(bare, ["-c", alias, "wait"], { signal: stop.signal });
  await until("the beginning", () => existsSync(began));
  stop.abort();
  expect((await running).code).not.toBe(0);
});
