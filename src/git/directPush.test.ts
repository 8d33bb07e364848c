import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
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
/** What asked the server for something. */
let asked: { by: "git" | "us"; what: string }[];
/** What comes of the server's answers to us, which is not git. */
let doctor: (answer: Answer) => Answer | "nothing" | "silence";
/** Done after the server has answered git, before git hears of it. */
let beforeGitHears: (url: string) => Promise<void>;
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

beforeEach(async () => {
  folder = temporaryFolder();
  bare = join(folder.path, "git/config.git");
  makeRepository(bare, { "a/one.yaml": "one\n", "two.yaml": "two\n" });
  server = await startGitServer({ folder: join(folder.path, "git") });
  asked = [];
  doctor = (answer) => answer;
  beforeGitHears = async () => {};
  front = createServer((incoming, response) => void passOn(incoming, response));
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

/** Asks the real server, and answers what the test makes of it. */
async function passOn(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const by = isOurs(incoming) ? "us" : "git";
  asked.push({ by, what: `${incoming.method} ${incoming.url}` });
  const { method, url, headers } = incoming;
  const onward = request(`${server.url}${url}`, { method, headers });
  incoming.pipe(onward);
  const [real] = (await once(onward, "response")) as [IncomingMessage];
  const body = Buffer.concat(await real.toArray()).toString("latin1");
  const whole = { status: real.statusCode!, type: String(real.headers["content-type"]), body };
  if (by === "git") await beforeGitHears(url!);
  const answer = by === "us" ? doctor(whole) : whole;
  if (answer === "silence") return;
  if (answer === "nothing") return void response.destroy();
  response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body, "latin1");
}
function isOurs({ headers }: IncomingMessage): boolean {
  return String(headers["user-agent"]).includes("sluice");
}
function commit(parent: string, files: Readonly<Record<string, string | null>>): Promise<string> {
  const author = { name: "Ana", email: "ana@shop.example" };
  return mirror.commit({ parent, files: new Map(Object.entries(files)), message: "Change\n", author, at: 1e12 });
}
/** The server takes no push any more, and says why. */
function refuseAll(why: string): void {
  writeFileSync(join(bare, "hooks/pre-receive"), `#!/bin/sh\necho '${why}' >&2\nexit 1\n`, { mode: 0o755 });
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
  doctor = (answer) => ({ ...answer, status: 403, body: "no robots" });
  for (const text of ["1\n", "2\n"]) {
    const base = await head();
    expect(await mirror.push("main", await commit(base, { "two.yaml": text }), base)).toEqual({ pushed: true });
  }
  expect(git(bare, "show", "main:two.yaml")).toBe("2\n");
  expect(asked.filter(({ by }) => by === "us")).toHaveLength(1);
});

/** The server has taken each of these pushes, and its answer does not say so. */
const oddAnswers: Readonly<Record<string, (answer: Answer) => Answer | "nothing">> = {
  "no answer at all": () => "nothing",
  "an answer without its end": (answer) => ({ ...answer, body: answer.body.slice(0, -4) }),
  "half an answer": (answer) => ({ ...answer, body: answer.body.slice(0, 12) }),
  "more than an answer": (answer) => ({ ...answer, body: `${answer.body}0000` }),
  "no length": (answer) => ({ ...answer, body: "zzzz" }),
  "a length of a line's length": (answer) => ({ ...answer, body: "0003" }),
  "another branch's report": (answer) => ({ ...answer, body: report("unpack ok", "ok refs/heads/other") }),
  "a report that unpacking failed, but the branch moved": (answer) => ({
    ...answer,
    body: report("unpack error", "ok refs/heads/main"),
  }),
  "side bands we did not ask for": (answer) => ({ ...answer, body: `${packet(`\u0001${answer.body}`)}0000` }),
  "a page instead": () => ({ status: 200, type: "text/html", body: "<h1>Sign in</h1>" }),
  "a proxy's failure": (answer) => ({ ...answer, status: 502 }),
  "too many requests": (answer) => ({ ...answer, status: 429 }),
  "a refusal of what came through": () => ({
    status: 200,
    type: "application/x-git-receive-pack-result",
    body: report("unpack ok", "ng refs/heads/main failed to update ref"),
  }),
};
const packet = (text: string) => (text.length + 4).toString(16).padStart(4, "0") + text;
const report = (...lines: string[]) => `${lines.map((line) => packet(`${line}\n`)).join("")}0000`;

test.each(Object.entries(oddAnswers))("a push that came through is found in spite of %s", async (_, odd) => {
  doctor = odd;
  const base = await head();
  const tip = await commit(base, { "two.yaml": "x\n" });
  expect(await mirror.push("main", tip, base)).toEqual({ pushed: true });
  expect([await head(), onServer()]).toEqual([tip, tip]);
});

test.each([
  ["has no end", packet("unpack ok\n") + packet("ok refs/heads/main\n")],
  ["says that unpacking failed", report("unpack index-pack abnormal exit", "ok refs/heads/main")],
  ["is of another branch", report("unpack ok", "ok refs/heads/mainland")],
])("a push is not taken for done by a report that %s", async (_, body) => {
  refuseAll("not now");
  doctor = (answer) => ({ ...answer, body });
  const base = await head();
  await expect(mirror.push("main", await commit(base, { "two.yaml": "x\n" }), base)).rejects.toThrow("not now");
  expect(await head()).toBe(base);
});

test("credentials that are wrong for a while do not make later pushes slower", async () => {
  doctor = (answer) => ({ ...answer, status: 401 });
  const base = await head();
  const tip = await commit(base, { "two.yaml": "1\n" });
  await mirror.push("main", tip, base);
  doctor = (answer) => answer;
  asked = [];
  expect(await mirror.push("main", await commit(tip, { "two.yaml": "2\n" }), tip)).toEqual({ pushed: true });
  expect(asked.map(({ by }) => by)).toEqual(["us"]);
});

test("a branch that was deleted meanwhile is a lost race, and is not made again", async () => {
  const base = await head();
  git(bare, "update-ref", "-d", "refs/heads/main");
  const ours = await commit(base, { "two.yaml": "ours\n" });
  expect(await mirror.push("main", ours, base)).toEqual({ pushed: false, reason: "lost race" });
  expect(await mirror.head("main")).toBeUndefined();
});

test("who pushes during every try of a fetch never sees the branch go back", async () => {
  // Git of the mirror takes its time to note what we pushed, so that its own files say what was before.
  writeFileSync(join(folder.path, "mirror/hooks/reference-transaction"), "#!/bin/sh\nsleep 0.2\n", { mode: 0o755 });
  let last = await head();
  beforeGitHears = async (url) => {
    if (!url.endsWith("/git-upload-pack")) return;
    const next = await commit(last, { "two.yaml": `${last}\n` });
    expect(await mirror.push("main", next, last)).toEqual({ pushed: true });
    last = next;
  };
  await mirror.fetch();
  expect(await head()).toBe(last);
});

test("who stops does not wait for ever for a server that says nothing to a push, which is made again later", async () => {
  let silence = () => {};
  const silent = new Promise<void>((resolve) => {
    silence = resolve;
  });
  doctor = () => {
    silence();
    return "silence";
  };
  const base = await head();
  const pushing = mirror.push("main", await commit(base, { "two.yaml": "x\n" }), base);
  await silent;
  mirror.abandon();
  await expect(pushing).rejects.toMatchObject({ facts: { abandoned: true } });
});

test("what is too much to pack here is left to git, which pushes it whole", async () => {
  const base = await head();
  const text = Array.from({ length: 400_000 }, (_, index) => `${index}: "a line of a very large file"\n`).join("");
  const tip = await commit(base, { "large.yaml": text });
  expect(await mirror.push("main", tip, base)).toEqual({ pushed: true });
  expect(asked.filter(({ by }) => by === "us")).toEqual([]);
  expect(git(bare, "fsck", "--strict", "--no-dangling")).toBe("");
});

test("what a server does not want is told in its own words", async () => {
  refuseAll("only on Mondays");
  const base = await head();
  await expect(mirror.push("main", await commit(base, { "two.yaml": "x\n" }), base)).rejects.toThrow("only on Mondays");
  expect(await head()).toBe(base);
});
