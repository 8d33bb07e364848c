import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createSocketServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { SluiceError } from "../errors.ts";
import { startGitServer } from "../sandbox/git/server.ts";
import { Mirror } from "./mirror.ts";
import { runGit } from "./process.ts";
import { plainWords, withoutCredentials } from "./words.ts";

let folder: ReturnType<typeof temporaryFolder>;
let server: { url: string; close(): Promise<void> };
const closing: (() => Promise<unknown>)[] = [];
const ana = { name: "Ana", email: "ana@shop.example" };

beforeAll(async () => {
  folder = temporaryFolder();
  server = await startGitServer({ folder: join(folder.path, "git") });
});
afterAll(async () => {
  for (const close of closing) await close();
  await server.close();
  folder.remove();
});

async function opened(url: string): Promise<Mirror> {
  const mirror = await Mirror.open(url, join(folder.path, `mirror-${closing.length}`));
  closing.push(() => mirror.close());
  return mirror;
}
async function problemOf(doing: Promise<unknown>): Promise<SluiceError> {
  const problem = await doing.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(problem).toBeInstanceOf(SluiceError);
  return problem as SluiceError;
}
/** What pushing to a repository with a hook comes to. */
async function pushAgainst(hook: "pre-receive" | "update", script: string): Promise<SluiceError> {
  const name = `hooked-${closing.length}.git`;
  const bare = join(folder.path, "git", name);
  makeRepository(bare, { "a.yaml": "a\n" });
  writeFileSync(join(bare, "hooks", hook), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bare, "hooks", hook), 0o755);
  const mirror = await opened(`${server.url}/${name}`);
  await mirror.fetch();
  const parent = (await mirror.head("main"))!;
  const files = new Map([["a.yaml", "b\n"]]);
  const commit = await mirror.commit({ parent, files, message: "Write\n", author: ana, at: 1e12 });
  return problemOf(mirror.push("main", commit, parent));
}
/** A host that answers every request with one status. */
async function hostAnswering(status: number, body = ""): Promise<string> {
  const host = createServer((_, response) => response.writeHead(status, { "www-authenticate": "Basic" }).end(body));
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  closing.push(async () => host.close());
  return `http://ana:s3cret@127.0.0.1:${(host.address() as AddressInfo).port}/shop.git`;
}

test.each([
  [401, "authentication refused", /the Git host refused the credentials/],
  [403, "forbidden", /the account may not do this/],
  [404, "repository not found", /there is no such repository, or the account may not see it/],
  [429, "too many requests", /asks for fewer requests/],
  [503, "host trouble", /the Git host failed/],
])("a host that answers %i is told as %s, with what to do and without the password", async (status, symptom, words) => {
  const url = await hostAnswering(status);
  const problem = await problemOf((await opened(url)).fetch());
  expect(problem.message).toMatch(/^fetching http:\/\/127\.0\.0\.1:\d+\/shop\.git: /);
  expect(problem.message).toMatch(words);
  expect(problem).toMatchObject({ code: "git_failed", facts: { symptom } });
  expect(problem.help).not.toBe("");
  expect(JSON.stringify(problem)).not.toContain("s3cret");
});

test("git's own server says that a repository is not there", async () => {
  const problem = await problemOf((await opened(`${server.url}/nowhere.git`)).fetch());
  expect(problem.facts.symptom).toBe("repository not found");
});

test("a hook that declines is told with its own words", async () => {
  const asked = await pushAgainst("pre-receive", "echo 'Freeze until Monday, ask ops' >&2; exit 1");
  expect(asked.facts.symptom).toBe("hook declined");
  expect(asked.message).toMatch(/main: a hook of the repository refused the push \(Freeze until Monday, ask ops\)$/);
  const silent = await pushAgainst("update", "exit 1");
  expect(silent.facts.symptom).toBe("hook declined");
  expect(silent.message).toMatch(/a hook of the repository refused the push \(.*hook declined.*\)$/);
});

test("a protected branch is told as one, whichever host says it", async () => {
  const gitlab = "GitLab: You are not allowed to push code to protected branches on this project.";
  const github = "error: GH006: Protected branch update failed for refs/heads/main.";
  for (const words of [gitlab, github, "Not allowed to push to protected branch main"]) {
    const problem = await pushAgainst("pre-receive", `echo '${words}' >&2; exit 1`);
    expect(problem.facts.symptom).toBe("branch protected");
    expect(problem.message).toContain(words.replace("error: ", ""));
    expect(problem.help).toContain("commits: { branch: ... }");
  }
});

test("a branch below another one cannot be, and is told so", async () => {
  const bare = join(folder.path, "git", "below.git");
  makeRepository(bare, { "a.yaml": "a\n" });
  const mirror = await opened(`${server.url}/below.git`);
  await mirror.fetch();
  const problem = await problemOf(mirror.push("main/x", (await mirror.head("main"))!, undefined));
  expect(problem.facts.symptom).toBe("branch name impossible");
});

test("hosts that are not there, and certificates nobody vouches for, are told apart", async () => {
  const closed = createSocketServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  expect((await problemOf((await opened(`http://127.0.0.1:${port}/x.git`)).fetch())).facts.symptom).toBe("unreachable");
  const away = await problemOf((await opened("http://git.shop.invalid/x.git")).fetch());
  expect(away.facts.symptom).toBe("host unknown");
  // Speaks no TLS where TLS is expected.
  const plain = (await hostAnswering(200)).replace("http:", "https:");
  expect((await problemOf((await opened(plain)).fetch())).facts.symptom).toBe("tls");
});

test("a host that says nothing is given up in time", async () => {
  const silent = createSocketServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  closing.push(async () => silent.close());
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/x.git`;
  const run = await runGit(folder.path, ["ls-remote", url], { timeoutMs: 200 });
  expect(run.code).not.toBe(0);
  expect(run.stderr).toBe("git ls-remote timed out after 0.2 s");
  expect(plainWords(run.stderr).symptom).toBe("timeout");
});

test.each([
  ["git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.", "ssh key refused"],
  ["Host key verification failed.\nfatal: Could not read from remote repository.", "host key unknown"],
  ["ERROR: Repository not found.\nfatal: Could not read from remote repository.", "repository not found"],
  ["ssh: Could not resolve hostname nosuch.invalid: Name or service not known", "host unknown"],
  ["ssh: connect to host 10.0.0.1 port 22: Connection timed out", "timeout"],
  ["remote: fatal: write error: No space left on device", "no space"],
  ["fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate", "tls"],
  ["fatal: unable to access 'https://x/': server certificate verification failed. CAfile: none", "tls"],
  ["!\tabc:refs/heads/main\t[rejected] (stale info)\nerror: failed to push some refs to 'x'", "branch moved"],
  ["! abc:refs/heads/main [rejected] (non-fast-forward)", "branch moved"],
  ["remote: Permission to shop/config.git denied to bot.\nfatal: error: 403", "forbidden"],
  ["error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413", "too large"],
  ["fatal: the remote end hung up unexpectedly", "host trouble"],
])("git's words %j are told as %s", (output, symptom) => {
  expect(plainWords(output).symptom).toBe(symptom);
});

test("words nobody knows are git's own, shortened, on one line and without credentials", () => {
  const { symptom, text } = plainWords(
    `fatal: odd thing at https://ana:s3cret@host/x\nhint: try harder\n${"x".repeat(5_000)}`,
  );
  expect(symptom).toBeUndefined();
  expect(text).toMatch(/^odd thing at https:\/\/host\/x; x+$/);
  expect(text.length).toBeLessThanOrEqual(500);
  expect(plainWords("").text).toBe("git said nothing");
  expect(withoutCredentials("ssh://git:pw@host/x and http://a@b/")).toBe("ssh://host/x and http://b/");
});
