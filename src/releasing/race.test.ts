import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { createMirrors } from "../git/mirrors.ts";
import { sluiceIdentity } from "../model/identity.ts";
import type { GitMirror, GitMirrors } from "../model/ports/git.ts";
import { Writer } from "./writer.ts";

let folder: ReturnType<typeof temporaryFolder>;
let bare: string;
let mirrors: GitMirrors;
let mirror: GitMirror;

beforeEach(async () => {
  folder = temporaryFolder();
  bare = join(folder.path, "config.git");
  makeRepository(bare, { "by-hand.txt": "0\n" });
  git(folder.path, "clone", "--quiet", bare, "clone");
  mirrors = createMirrors(join(folder.path, "mirrors"));
  mirror = await mirrors.open(bare);
  await mirror.fetch();
});
afterEach(async () => {
  await mirrors.close();
  folder.remove();
});

/** Mirrors whose branch somebody else moves just before a push of ours, whenever `isFaster` says so of its commits. */
function racing(isFaster: (commits: number) => boolean): GitMirrors {
  let turn = 0;
  const push: GitMirror["push"] = async (branch, commit, expected) => {
    const commits = (await mirror.log(expected, commit!)).length;
    if (isFaster(commits)) {
      git(join(folder.path, "clone"), "pull", "--quiet", "--rebase");
      commitFiles(join(folder.path, "clone"), { "by-hand.txt": `${++turn}\n` }, `By hand ${turn}`);
    }
    return mirror.push(branch, commit, expected);
  };
  const raced = new Proxy(mirror, {
    get(target, key) {
      const value: unknown = key === "push" ? push : Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { close: () => mirrors.close(), abandon: () => mirrors.abandon(), open: async () => raced };
}

test("who pushes all the time is outrun by smaller batches, and nothing is lost or written twice", async () => {
  const sizes: number[] = [];
  const writer = new Writer(
    racing((commits) => {
      sizes.push(commits);
      return commits > 10;
    }),
  );
  const base = (await mirror.head("main"))!;
  const results = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      writer.write({
        repository: bare,
        branch: "main",
        trailer: { key: "Sluice-Release", value: `r-${index}/dev` },
        base,
        author: sluiceIdentity,
        at: 1e12,
        edit: async () => ({
          kind: "commit",
          files: new Map([[`files/${index}.txt`, `${index}\n`]]),
          message: `Release ${index}\n\nSluice-Release: r-${index}/dev\n`,
        }),
      }),
    ),
  );
  expect(results.every(({ kind }) => kind === "written")).toBe(true);
  const subjects = git(bare, "log", "--format=%s", "main").trim().split("\n");
  const byHand = subjects.filter((subject) => subject.startsWith("By hand"));
  expect(new Set(subjects).size).toBe(subjects.length);
  expect(subjects).toHaveLength(1 + 60 + byHand.length);
  expect(git(bare, "ls-tree", "--name-only", "main:files").trim().split("\n")).toHaveLength(60);
  expect(git(bare, "show", "main:by-hand.txt")).toBe(`${byHand.length}\n`);
  // The first push is small as it goes at once; the next one is full, and loses.
  expect(Math.max(...sizes)).toBe(50);
});
