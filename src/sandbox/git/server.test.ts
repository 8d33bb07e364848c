import { execFile } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { git, temporaryFolder } from "../../../test/support/repository.ts";
import { until } from "../../../test/support/until.ts";
import { appendCommits, headOf } from "./repository.ts";
import { startGitServer } from "./server.ts";

const run = promisify(execFile);
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});
async function start() {
  const folder = temporaryFolder();
  stops.push(folder.remove);
  const pushed: string[] = [];
  const server = await startGitServer({ folder: join(folder.path, "git"), pushed: (path) => pushed.push(path) });
  stops.push(server.close);
  const bare = join(folder.path, "git/shop/cart.git");
  const author = { name: "Ana", email: "ana@shop.example" };
  await appendCommits(bare, [{ message: "Start", author, at: 1_700_000_000_000, files: { a: "1" } }]);
  return { folder: folder.path, url: server.url, bare, pushed };
}

test("people clone and push with git, and each push is told with the repository's path", async () => {
  const { folder, url, bare, pushed } = await start();
  await run("git", ["clone", "--quiet", `${url}/shop/cart.git`, "clone"], { cwd: folder });
  const clone = join(folder, "clone");
  git(clone, "commit", "--quiet", "--allow-empty", "-m", "More");
  // Asynchronous: the server that answers runs in this very process.
  await run("git", ["push", "--quiet", "origin", "HEAD:main"], { cwd: clone });
  await until("the push to be told", () => pushed.length > 0);
  expect(pushed).toEqual(["shop/cart.git"]);
  expect(await headOf(bare)).toBe(git(clone, "rev-parse", "HEAD").trim());
});

test("requests that are broken or leave the folder are refused, and the server goes on", async () => {
  const { url } = await start();
  expect((await fetch(`${url}/%`)).status).toBe(400);
  expect((await fetch(`${url}/..%2fsecret/info/refs`)).status).toBe(400);
  const broken = { method: "POST", headers: { "content-encoding": "gzip" }, body: "no gzip" };
  await fetch(`${url}/shop/cart.git/git-upload-pack`, broken).catch(() => {});
  const socket = connect(Number(new URL(url).port), "127.0.0.1", () =>
    socket.end("GET // HTTP/1.1\r\nhost: a\r\n\r\n"),
  );
  await new Promise((resolve) => socket.once("close", resolve).resume());
  expect((await fetch(`${url}/shop/cart.git/info/refs?service=git-upload-pack`)).status).toBe(200);
});
