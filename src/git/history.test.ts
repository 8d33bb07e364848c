import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { git, temporaryFolder } from "../../test/support/repository.ts";
import { Mirror } from "./mirror.ts";

let folder: ReturnType<typeof temporaryFolder>;
let mirror: Mirror;
let path: string;

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder.path, "mirror");
  mirror = await Mirror.open(join(folder.path, "nowhere.git"), path);
});
afterEach(async () => {
  await mirror.close();
  folder.remove();
});

/** Makes commits in one git process: each with the parents (earlier ones, by number) and the one file given. */
function makeCommits(commits: readonly { parents: readonly number[]; file: string; text: string }[]): string[] {
  const blob = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const stream = commits.map(({ parents: [first, ...others], file, text }, index) =>
    [
      `commit refs/heads/c${index}\nmark :${index + 1}\ncommitter A <a@b> ${1_000 + index} +0000\n${blob(`${index}`)}`,
      first === undefined ? "" : `from :${first + 1}\n`,
      ...others.map((other) => `merge :${other + 1}\n`),
      `M 100644 inline ${file}\n${blob(text)}`,
    ].join(""),
  );
  const marks = commits.map((_, index) => `get-mark :${index + 1}\n`);
  const args = ["--git-dir", path, "fast-import", "--quiet", "--done", "--force"];
  const input = `${stream.join("")}${marks.join("")}done\n`;
  return execFileSync("git", args, { input, encoding: "utf8" }).trim().split("\n");
}

const graph = fc
  .array(
    fc.record({
      parents: fc.uniqueArray(fc.nat(1_000), { maxLength: 3 }),
      file: fc.constantFrom("a", "b/c", "b/d"),
      text: fc.constantFrom("1", "2"),
    }),
    { minLength: 2, maxLength: 14 },
  )
  .map((commits) =>
    commits.map((commit, index) => ({
      ...commit,
      parents: index === 0 ? [] : [...new Set(commit.parents.map((parent) => parent % index))],
    })),
  );

test("who came before whom is what git says, in any history", async () => {
  await fc.assert(
    fc.asyncProperty(graph, async (commits) => {
      const ids = makeCommits(commits);
      for (const ancestor of ids)
        for (const commit of ids) {
          const isBefore = git(path, "rev-list", commit).includes(ancestor);
          expect(await mirror.isAncestor(ancestor, commit)).toBe(isBefore);
        }
    }),
    { numRuns: 6 },
  );
});

test("history is what git tells, of a range, of files and of the last few", async () => {
  const line = graph.map((commits) =>
    commits.map((commit, index) => ({ ...commit, parents: index === 0 ? [] : [index - 1] })),
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(line, graph), fc.nat(), fc.nat(4), async (commits, from, limit) => {
      const ids = makeCommits(commits);
      const [base, head] = [ids[from % ids.length]!, ids.at(-1)!];
      const ask = async (...args: Parameters<Mirror["log"]>) => (await mirror.log(...args)).map(({ commit }) => commit);
      const told = (...args: string[]) =>
        git(path, "log", "--format=%H", ...args)
          .split("\n")
          .filter(Boolean);
      expect(await ask(base, head)).toEqual(told(`${base}..${head}`));
      expect(await ask(base, head, { paths: ["b"] })).toEqual(told(`${base}..${head}`, "--", "b"));
      expect(await ask(undefined, head, { limit: limit + 1 })).toEqual(told(`-${limit + 1}`, head));
      expect(await ask(undefined, head, { limit: 2, paths: ["b/c"] })).toEqual(told("-2", head, "--", "b/c"));
    }),
    { numRuns: 12 },
  );
});

test("a line longer than is walked is read by git", async () => {
  const ids = makeCommits(
    Array.from({ length: 300 }, (_, index) => ({
      parents: index === 0 ? [] : [index - 1],
      file: "a",
      text: `${index}`,
    })),
  );
  expect(await mirror.log(ids[0], ids.at(-1)!)).toHaveLength(299);
  expect(await mirror.isAncestor(ids[0]!, ids.at(-1)!)).toBe(true);
  expect(await mirror.isAncestor(ids.at(-1)!, ids[0]!)).toBe(false);
});
