import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { createMirrors } from "../git/mirrors.ts";
import type { GitMirror, GitMirrors } from "../model/ports/git.ts";
import { trailer } from "../planning/trailers.ts";
import { type WriteRequest, Writer } from "./writer.ts";

let folder: ReturnType<typeof temporaryFolder>;
let bare: string;
let clone: string;
let mirrors: GitMirrors;
let mirror: GitMirror;
let writer: Writer;
beforeEach(async () => {
  folder = temporaryFolder();
  bare = join(folder.path, "config.git");
  makeRepository(bare, { "list.txt": "" });
  git(folder.path, "clone", "--quiet", bare, "clone");
  clone = join(folder.path, "clone");
  await open();
});
afterEach(async () => {
  await mirrors.close();
  folder.remove();
});
async function open(reached?: (point: string) => void): Promise<void> {
  mirrors = createMirrors(join(folder.path, "mirrors"), { credentials: {} });
  mirror = await mirrors.open(bare);
  await mirror.fetch();
  writer = new Writer(mirrors, reached);
}

/** Adds a line of its own to the one file everybody writes to. */
function line(name: string, base: string, more: Partial<WriteRequest> = {}): WriteRequest {
  return {
    repository: bare,
    branch: "main",
    trailer: { key: "Sluice-Change", value: name },
    base,
    author: { name: "Ada", email: "ada@example.org" },
    at: 1e12,
    edit: async (on, head) => {
      const [file] = await on.files(head, ["list.txt"]);
      const text = await on.read(file!.blob);
      if (text.includes(`${name}\n`)) return { kind: "nothing", reason: "it is there" };
      const message = `Add ${name}\n\nSluice-Change: ${name}\n`;
      return { kind: "commit", files: new Map([["list.txt", `${text}${name}\n`]]), message };
    },
    ...more,
  };
}
const lines = (branch = "main") => git(bare, "show", `${branch}:list.txt`).trim().split("\n");
const written = (branch = "main") =>
  git(bare, "log", "-z", "--format=%B", branch)
    .split("\0")
    .flatMap((message) => trailer(message, "Sluice-Change") ?? []);
const base = async () => (await mirror.head("main"))!;

/** A push by hand on top of whatever stands there; tried again as a person would. */
function byHand(name: string): void {
  for (;;)
    try {
      git(clone, "fetch", "--quiet");
      git(clone, "reset", "--quiet", "--hard", "origin/main");
      commitFiles(clone, { [`${name}.txt`]: name }, `By hand ${name}`);
      return;
    } catch {
      // Somebody was faster.
    }
}

test("a hundred writers to one file and pushes by hand in between: all land, none twice, no line lost", async () => {
  const start = await base();
  const names = Array.from({ length: 100 }, (_, index) => `c-${index}`);
  let hands = 0;
  await mirrors.close();
  // Somebody pushes by hand in the worst moment: between the commit and its push.
  await open((point) => {
    if (point === "commit made" && hands < 5) byHand(`hand-${hands++}`);
  });
  const results = await Promise.all(names.map((name) => writer.write(line(name, start))));
  expect(results.every((result) => result.kind === "written" && result.again === undefined)).toBe(true);
  expect(hands).toBe(5);
  expect(lines().sort()).toEqual([...names].sort());
  expect(written().sort()).toEqual([...names].sort());
  for (let hand = 0; hand < 5; hand++) expect(git(bare, "show", `main:hand-${hand}.txt`)).toBe(`hand-${hand}`);
});

test("whenever the process dies and whoever pushes meanwhile, each change stands there once", async () => {
  let round = 0;
  const point = fc.constantFrom("commit made", "commit pushed");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ dies: fc.option(point), foreign: fc.boolean() }), { minLength: 1, maxLength: 5 }),
      async (lives) => {
        const start = await base();
        const names = [0, 1, 2].map((index) => `c-${++round}-${index}`);
        for (const { dies, foreign } of [...lives, { dies: null, foreign: false }]) {
          await mirrors.close();
          let quiet = !foreign;
          await open((reached) => {
            if (!quiet && reached === "commit made") byHand(`hand-${++round}`);
            quiet = true;
            if (reached === dies) throw new Error("killed");
          });
          await Promise.allSettled(names.map((name) => writer.write(line(name, start))));
        }
        expect(
          written()
            .filter((name) => names.includes(name))
            .sort(),
        ).toEqual([...names].sort());
        expect(
          lines()
            .filter((name) => names.includes(name))
            .sort(),
        ).toEqual([...names].sort());
      },
    ),
    { numRuns: 8 },
  );
});

test("[ci skip] follows the subject, and the trailers stay the last paragraph", async () => {
  await writer.write(line("c-1", await base(), { skipCi: true }));
  expect(git(bare, "log", "-1", "--format=%B", "main").trim()).toBe("Add c-1\n\n[ci skip]\n\nSluice-Change: c-1");
  expect(written()).toEqual(["c-1"]);
});

test("a branch for review begins at the one it is merged into, is stacked on while it has something of its own, and begins anew after", async () => {
  const review = { branch: "review", from: "main" };
  await writer.write(line("c-1", await base(), review));
  byHand("hand-1");
  await mirror.fetch();
  await writer.write(line("c-2", await base(), review));
  expect(lines("review")).toEqual(["c-1", "c-2"]);
  expect(git(bare, "rev-list", "--count", "review..main").trim()).toBe("1");
  git(clone, "fetch", "--quiet");
  git(clone, "merge", "--quiet", "-m", "Merge", "origin/review");
  git(clone, "push", "--quiet", "origin", "HEAD:main");
  await mirror.fetch();
  await writer.write(line("c-3", await base(), review));
  expect(git(bare, "rev-list", "main..review").trim().split("\n")).toHaveLength(1);
  expect(lines("review")).toEqual(["c-1", "c-2", "c-3"]);
  expect(lines("main")).toEqual(["c-1", "c-2"]);
});

test("what was merged and whose branch is gone is found, and not written again", async () => {
  const start = await base();
  const review = { branch: "review/c-1", from: "main" };
  const first = await writer.write(line("c-1", start, review));
  git(clone, "fetch", "--quiet");
  git(clone, "merge", "--quiet", "--no-ff", "-m", "Merge", "origin/review/c-1");
  git(clone, "push", "--quiet", "origin", "HEAD:main", ":review/c-1");
  await mirror.fetch();
  expect(await writer.write(line("c-1", start, review))).toMatchObject({ ...first, again: {} });
  expect(await mirror.head("review/c-1")).toBeUndefined();
});

test("a review branch that was deleted without our knowing is made anew", async () => {
  const review = { branch: "review", from: "main" };
  await writer.write(line("c-1", await base(), review));
  git(clone, "push", "--quiet", "origin", ":review");
  expect(await writer.write(line("c-2", await base(), review))).toMatchObject({ kind: "written" });
  expect(lines("review")).toEqual(["c-2"]);
});

test("a branch that is deleted meanwhile is told, with what will happen", async () => {
  const start = await base();
  git(bare, "branch", "-m", "main", "master");
  await expect(writer.write(line("c-1", start))).rejects.toMatchObject({
    code: "git_failed",
    message: expect.stringMatching(/has no branch main$/),
    help: expect.stringContaining("as soon as main is there"),
  });
});
