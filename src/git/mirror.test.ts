import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { until } from "../../test/support/until.ts";
import { startGitServer } from "../sandbox/git/server.ts";
import { fileCredentials } from "./credentials.ts";
import { Mirror } from "./mirror.ts";

let folder: ReturnType<typeof temporaryFolder>;
let server: { url: string; close(): Promise<void> };
let mirror: Mirror;
let clone: string;
let count = 0;
let name = "";
const ana = { name: "Ana", email: "ana@shop.example" };

beforeAll(async () => {
  folder = temporaryFolder();
  server = await startGitServer({ folder: join(folder.path, "git") });
});
afterAll(async () => {
  await server.close();
  folder.remove();
});
beforeEach(async () => {
  name = `r${++count}`;
  makeRepository(join(folder.path, "git", `${name}.git`), { "a/b/one.yaml": "one\n", "two.yaml": "two\n" });
  clone = join(folder.path, `${name}-clone`);
  git(folder.path, "clone", "--quiet", join(folder.path, "git", `${name}.git`), clone);
  mirror = await Mirror.open(`${server.url}/${name}.git`, join(folder.path, `${name}-mirror`));
  await mirror.fetch();
});
afterEach(() => mirror.close());

const head = async () => (await mirror.head("main"))!;
async function write(files: Readonly<Record<string, string | null>>): Promise<string> {
  const parent = await head();
  const commit = { parent, files: new Map(Object.entries(files)), message: "Write\n", author: ana, at: 1e12 };
  const id = await mirror.commit(commit);
  await mirror.written();
  return id;
}
const inMirror = (...args: string[]) => git(join(folder.path, `${name}-mirror`), ...args);

test("a commit without a checkout has the tree git itself makes of the same files", async () => {
  const part = fc.constantFrom("a", "a.b", "a-b", "a b", "ä", "b", "猫", "Z", "0", "a.yaml");
  const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const prefixFree = (paths: readonly string[]) =>
    paths.every((one) => paths.every((other) => one === other || !other.startsWith(`${one}/`)));
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(path, { minLength: 1, maxLength: 6 }).filter(prefixFree),
      fc.string({ unit: "grapheme" }),
      async (paths, text) => {
        const there = ["a/b/one.yaml", "two.yaml"];
        fc.pre(prefixFree([...paths, ...there]));
        const commit = await write(Object.fromEntries(paths.map((each, index) => [each, `${text}${index}`])));
        git(clone, "read-tree", "HEAD");
        for (const [index, each] of paths.entries()) {
          const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: clone, input: `${text}${index}` });
          git(clone, "update-index", "--add", "--cacheinfo", `100644,${String(blob).trim()},${each}`);
        }
        expect(inMirror("rev-parse", `${commit}^{tree}`)).toBe(git(clone, "write-tree"));
      },
    ),
    { numRuns: 15 },
  );
  expect(inMirror("fsck", "--strict", "--no-dangling")).toBe("");
});

test("removing the last file of a folder removes the folder, and removing what is not there changes nothing", async () => {
  const commit = await write({ "a/b/one.yaml": null, "two.yaml/three": null, "x/y": null });
  expect(inMirror("ls-tree", "-r", "--name-only", commit)).toBe("two.yaml\n");
});

test("modes stay, symlinks and submodules are left out", async () => {
  writeFileSync(join(clone, "run.sh"), "#!/bin/sh\n");
  chmodSync(join(clone, "run.sh"), 0o755);
  symlinkSync("/etc/passwd", join(clone, "link.yaml"));
  git(clone, "update-index", "--add", "--cacheinfo", `160000,${git(clone, "rev-parse", "HEAD").trim()},module`);
  commitFiles(clone, {}, "Odd things");
  await mirror.fetch();
  const files = await mirror.files(await head(), ["."]);
  expect(files.map((file) => file.path).sort()).toEqual(["a/b/one.yaml", "run.sh", "two.yaml"]);
  const commit = await write({ "run.sh": "#!/bin/sh\nexit 0\n" });
  expect(inMirror("ls-tree", commit, "run.sh")).toMatch(/^100755 /);
  expect(inMirror("ls-tree", commit, "link.yaml")).toMatch(/^120000 /);
});

test("names that are not UTF-8 stay as they are beside what is written, and are not written to", async () => {
  const blob = git(clone, "hash-object", "-w", "two.yaml").trim();
  const lines = ["a/gr\xfc.yaml", "a/gr\xfd.yaml", "\xe4/x.yaml"].map((path) => `100644 ${blob}\t${path}\n`);
  execFileSync("git", ["update-index", "--add", "--index-info"], {
    cwd: clone,
    input: Buffer.from(lines.join(""), "latin1"),
  });
  git(clone, "commit", "--quiet", "-m", "Odd names");
  git(clone, "push", "--quiet");
  await mirror.fetch();
  const before = inMirror("ls-tree", "-r", await head(), "--name-only");
  const commit = await write({ "a/b/one.yaml": "1\n", "two.yaml": "2\n" });
  expect(inMirror("diff", "--name-only", `${commit}~`, commit)).toBe("a/b/one.yaml\ntwo.yaml\n");
  expect(inMirror("ls-tree", "-r", commit, "--name-only")).toBe(before);
  for (const path of ["a/gr\ufffd.yaml", "\ufffd/x.yaml"])
    await expect(write({ [path]: "x" })).rejects.toThrow("is not UTF-8 in Git");
});

test("a path that leaves the repository or names .git is refused", async () => {
  for (const path of ["../x", "a//b", "/x", ".git/config", "a/.GIT/x", "."])
    await expect(write({ [path]: "x" })).rejects.toThrow("cannot be a path");
  await expect(mirror.files(await head(), ["../x"])).rejects.toThrow("leaves the repository");
});

test("a push lands when nobody was faster, and tells a lost race otherwise", async () => {
  const base = await head();
  const ours = await write({ "two.yaml": "ours\n" });
  const theirs = commitFiles(clone, { "three.yaml": "theirs\n" }, "Faster");
  expect(await mirror.push("main", ours, base)).toEqual({ pushed: false, reason: "lost race" });
  expect(await head()).toBe(theirs);
  const again = await write({ "two.yaml": "ours\n" });
  expect(await mirror.push("main", again, theirs)).toEqual({ pushed: true });
  git(clone, "pull", "--quiet");
  expect(readFileSync(join(clone, "three.yaml"), "utf8") + readFileSync(join(clone, "two.yaml"), "utf8")).toBe(
    "theirs\nours\n",
  );
});

test("a fetch that began before our push never takes the branch back", async () => {
  for (let turn = 0; turn < 5; turn++) {
    const base = await head();
    const commit = await write({ "two.yaml": `turn ${turn}\n` });
    const [result] = await Promise.all([mirror.push("main", commit, base), mirror.fetch(), mirror.fetch()]);
    expect(result).toEqual({ pushed: true });
    expect(await head()).toBe(commit);
  }
});

test("calls to fetch during a fetch share one more, and see what was pushed before they were made", async () => {
  const running = mirror.fetch();
  const commit = commitFiles(clone, { "four.yaml": "4\n" }, "During");
  const joined = [mirror.fetch(), mirror.fetch(), mirror.fetch()];
  expect(new Set(joined).size).toBe(1);
  await Promise.all([running, ...joined]);
  expect(await head()).toBe(commit);
});

test("history is read whole, whatever messages contain", async () => {
  git(clone, "commit", "--quiet", "--allow-empty", "-m", "Odd \x1e subject\n\nbody with \x1f and\n\nKey: value");
  git(clone, "push", "--quiet");
  await mirror.fetch();
  const base = inMirror("rev-parse", "main~1").trim();
  const [commit, ...rest] = await mirror.log(base, await head());
  expect(rest).toEqual([]);
  expect(commit).toMatchObject({ subject: "Odd \x1e subject", author: "Ana", parents: [base] });
  expect(commit!.body).toContain("Key: value");
  expect(await mirror.log(base, await head(), { containing: ["Key: value"] })).toHaveLength(1);
  expect(await mirror.log(base, await head(), { containing: ["Key: other"] })).toHaveLength(0);
  await expect(mirror.log(undefined, "--output=/tmp/x")).rejects.toThrow("no such commit");
});

test("a few commits in a straight line are read as git itself tells them", async () => {
  const base = await head();
  const messages = ["Plain", "Subject\nof two lines\n\nBody\n\nKey: value\n", "Ünicode 猫 \x1e\n\n\n  indented"];
  for (const message of messages) git(clone, "commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-m", message);
  git(clone, "push", "--quiet");
  await mirror.fetch();
  const straight = await mirror.log(base, await head());
  expect(straight).toHaveLength(3);
  // Without a lower end and a limit git is asked.
  const byGit = (await mirror.log(undefined, await head())).slice(0, 3);
  expect(straight.map((commit) => ({ ...commit, body: commit.body.trimEnd() }))).toEqual(
    byGit.map((commit) => ({ ...commit, body: commit.body.trimEnd() })),
  );
});

test("a missing branch has no head, and a remote that is away is told without credentials", async () => {
  expect(await mirror.head("release")).toBeUndefined();
  const away = await Mirror.open("http://ana:secret@127.0.0.1:9/x.git", join(folder.path, `${name}-away`));
  const problem = await away.fetch().catch((error: Error) => error.message);
  expect(problem).toMatch(/^fetching http:\/\/127.0.0.1:9\/x.git: /);
  expect(problem).not.toContain("secret");
  await away.close();
});

test("a reader whose git process dies asks another one", async () => {
  const [entry] = await mirror.files(await head(), ["two.yaml"]);
  const pids = () =>
    execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" })
      .split("\n")
      .filter((line) => line.includes("cat-file") && line.includes(`${name}-mirror`))
      .map((line) => Number.parseInt(line, 10));
  const [pid] = pids();
  const reads = [mirror.read(entry!.blob), mirror.read(entry!.blob)];
  process.kill(pid!, "SIGKILL");
  expect(await Promise.all(reads)).toEqual(["two\n", "two\n"]);
  await until("another process", () => pids().every((each) => each !== pid));
  expect(await mirror.read(entry!.blob)).toBe("two\n");
});

test("a file past the bound is refused and the next one is read all the same", async () => {
  mkdirSync(join(clone, "big"), { recursive: true });
  writeFileSync(join(clone, "big/huge.yaml"), Buffer.alloc(40 * 1024 * 1024, "x"));
  writeFileSync(join(clone, "big/large.yaml"), Buffer.alloc(9 * 1024 * 1024, "x"));
  commitFiles(clone, {}, "Big");
  await mirror.fetch();
  const blobs = new Map((await mirror.files(await head(), ["."])).map((file) => [file.path, file.blob]));
  const [huge, large, small] = await Promise.allSettled(
    ["big/huge.yaml", "big/large.yaml", "two.yaml"].map((path) => mirror.read(blobs.get(path)!)),
  );
  expect(huge).toMatchObject({ status: "rejected", reason: { code: "too_large" } });
  expect(large).toMatchObject({ status: "rejected", reason: { code: "too_large" } });
  expect(small).toEqual({ status: "fulfilled", value: "two\n" });
});

test("credentials reach the server as a header, and neither a command line nor a settings file", async () => {
  const seen: (string | undefined)[] = [];
  let commands = "";
  const guard = createServer((request, response) => {
    seen.push(request.headers.authorization);
    commands ||= execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    response.writeHead(401, { "www-authenticate": "Basic" }).end();
  }).listen(0, "127.0.0.1");
  await until("the server", () => guard.listening);
  const origin = `http://127.0.0.1:${(guard.address() as AddressInfo).port}`;
  const file = join(folder.path, `${name}-credentials`);
  writeFileSync(file, `# ours\n${origin}/other/ bot other-secret\n${origin}/ bot s3cret-token\n`);
  const path = join(folder.path, `${name}-guarded`);
  const guarded = await Mirror.open(`${origin}/shop/config.git`, path, {
    credentials: fileCredentials({ https: file }),
  });
  const problem = await guarded.fetch().catch((error: Error) => error.message);
  await guarded.close();
  guard.close();
  expect(seen[0]).toBe(`Basic ${Buffer.from("bot:s3cret-token").toString("base64")}`);
  expect(commands).toContain("shop/config.git");
  const secrets = /s3cret-token|Ym90OnMz/;
  expect(commands).not.toMatch(secrets);
  expect(readFileSync(join(path, "config"), "utf8")).not.toMatch(secrets);
  expect(problem).not.toMatch(secrets);
});

test("a bad line of a credentials file is told by its number only", async () => {
  const file = join(folder.path, `${name}-bad`);
  writeFileSync(file, "https://git.example.com/ bot s3cret extra\n");
  await expect(fileCredentials({ https: file })("https://git.example.com/x.git")).rejects.toThrow(
    /^line 1 of .* is not "https/,
  );
  await expect(fileCredentials({ https: file })("https://git.example.com/x.git")).rejects.not.toThrow("s3cret");
});
