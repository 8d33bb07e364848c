import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { git, temporaryFolder } from "../../../test/support/repository.ts";
import { appendCommits, fileAt, headOf, repositoriesIn } from "./repository.ts";

const folder = temporaryFolder();
afterEach(folder.remove);
const author = { name: "Ana", email: "ana@shop.example" };

test("commits are appended to what a repository holds, with the times, authors and files given", async () => {
  const bare = join(folder.path, "shop/cart.git");
  const first = await appendCommits(bare, [
    { message: "Start", author, at: 1_700_000_000_000, files: { "a/one.txt": "1\n", two: "ü" } },
    { message: "Drop two", author, at: 1_700_000_060_000, files: { two: null } },
  ]);
  const second = await appendCommits(bare, [{ message: "More", author, at: 1_700_000_120_000, files: { two: "2" } }]);
  expect(await headOf(bare)).toBe(second[0]);
  expect(git(bare, "log", "--reverse", "--format=%H %an %ct %s").trim().split("\n")).toEqual([
    `${first[0]} Ana 1700000000 Start`,
    `${first[1]} Ana 1700000060 Drop two`,
    `${second[0]} Ana 1700000120 More`,
  ]);
  expect(await fileAt(bare, first[0]!, "two")).toBe("ü");
  expect(await fileAt(bare, first[1]!, "two")).toBeUndefined();
  expect(await fileAt(bare, second[0]!, "a/one.txt")).toBe("1\n");
  expect(await repositoriesIn(folder.path)).toEqual(["shop/cart"]);
});
