import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { startGitServer } from "../sandbox/git/server.ts";
import { Mirror } from "./mirror.ts";

let folder: ReturnType<typeof temporaryFolder>;
let bare: string;
let server: { url: string; close(): Promise<void> };
let front: Server;
let mirror: Mirror;
/** What asked the server for something, and whether those who are not git are let through. */
let asked: { by: "git" | "us"; what: string }[];
let open: boolean;

beforeEach(async () => {
  folder = temporaryFolder();
  bare = join(folder.path, "git/config.git");
  makeRepository(bare, { "a/one.yaml": "one\n", "two.yaml": "two\n" });
  server = await startGitServer({ folder: join(folder.path, "git") });
  asked = [];
  open = true;
  front = createServer((incoming, response) => {
    const by = isOurs(incoming) ? "us" : "git";
    asked.push({ by, what: `${incoming.method} ${incoming.url}` });
    if (by === "us" && !open) return response.writeHead(403).end("no robots");
    const { method, url, headers } = incoming;
    const onward = request(`${server.url}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}/config.git`;
  mirror = await Mirror.open(url, join(folder.path, "mirror"));
  await mirror.fetch();
  asked = [];
});
afterEach(async () => {
  await mirror.close();
  front.close();
  front.closeAllConnections();
  await server.close();
  folder.remove();
});

function isOurs({ headers }: IncomingMessage): boolean {
  return String(headers["user-agent"]).includes("sluice");
}
function commit(parent: string, files: Readonly<Record<string, string | null>>): Promise<string> {
  const author = { name: "Ana", email: "ana@shop.example" };
  return mirror.commit({ parent, files: new Map(Object.entries(files)), message: "Change\n", author, at: 1e12 });
}
const head = async () => (await mirror.head("main"))!;
const onServer = () => git(bare, "rev-parse", "main").trim();

test("commits made here are pushed in one request, and the server has them whole", async () => {
  const base = await head();
  let tip = base;
  for (let turn = 0; turn < 20; turn++)
    tip = await commit(tip, { "a/one.yaml": `${turn}\n`, [`b/${turn}.yaml`]: "ä".repeat(turn * 100) });
  expect(await mirror.push("main", tip, base)).toEqual({ pushed: true });
  expect(asked).toEqual([{ by: "us", what: "POST /config.git/git-receive-pack" }]);
  expect(onServer()).toBe(tip);
  expect(git(bare, "fsck", "--strict", "--no-dangling")).toBe("");
  expect(git(bare, "show", "main:b/7.yaml")).toBe("ä".repeat(700));
  await mirror.written();
  expect(git(join(folder.path, "mirror"), "fsck", "--strict", "--no-dangling")).toBe("");
  expect(git(join(folder.path, "mirror"), "rev-parse", "main").trim()).toBe(tip);
});

test("a lost race is told, and nothing of the commits that lost it is kept", async () => {
  const base = await head();
  const ours = await commit(base, { "two.yaml": "ours\n" });
  git(folder.path, "clone", "--quiet", bare, "clone");
  const theirs = commitFiles(join(folder.path, "clone"), { "three.yaml": "theirs\n" }, "Faster");
  expect(await mirror.push("main", ours, base)).toEqual({ pushed: false, reason: "lost race" });
  expect(await head()).toBe(theirs);
  await mirror.written();
  expect(() => git(join(folder.path, "mirror"), "cat-file", "-e", ours)).toThrow();
  const again = await commit(theirs, { "two.yaml": "ours\n" });
  expect(await mirror.push("main", again, theirs)).toEqual({ pushed: true });
  expect(onServer()).toBe(again);
});

test("a server that takes pushes from git only gets them from git, and is not asked otherwise again", async () => {
  open = false;
  for (const text of ["1\n", "2\n"]) {
    const base = await head();
    expect(await mirror.push("main", await commit(base, { "two.yaml": text }), base)).toEqual({ pushed: true });
  }
  expect(git(bare, "show", "main:two.yaml")).toBe("2\n");
  expect(asked.filter(({ by }) => by === "us")).toHaveLength(1);
});

test("what a server does not want is told in its own words", async () => {
  writeFileSync(join(bare, "hooks/pre-receive"), "#!/bin/sh\necho 'only on Mondays' >&2\nexit 1\n");
  chmodSync(join(bare, "hooks/pre-receive"), 0o755);
  const base = await head();
  await expect(mirror.push("main", await commit(base, { "two.yaml": "x\n" }), base)).rejects.toThrow("only on Mondays");
  expect(await head()).toBe(base);
});
