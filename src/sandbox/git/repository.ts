import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../../errors.ts";
import { gitEnvironment, gitError, mustGit } from "../../git/process.ts";

/** One commit to append to a branch. Contents by path; null removes the file. */
export interface SandboxCommit {
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly files: Readonly<Record<string, string | null>>;
}

/**
 * Appends commits to `main` of a bare repository, which is made when it is not there. One git process; answers the
 * commits' ids in order. Throws `git_failed`, also when somebody else moved the branch at the same moment.
 */
export async function appendCommits(bare: string, commits: readonly SandboxCommit[]): Promise<string[]> {
  const exists = existsSync(join(bare, "HEAD"));
  if (!exists) {
    await mkdir(bare, { recursive: true });
    await mustGit(bare, ["init", "--quiet", "--bare", "--template=", "--initial-branch=main"], `making ${bare}`);
  }
  const goesOn = exists && (await headOf(bare)) !== undefined;
  const answer = await fastImport(bare, importStream(commits, goesOn));
  return answer.trim().split("\n");
}

/** Commit `main` stands at; undefined for an empty repository. */
export async function headOf(bare: string): Promise<string | undefined> {
  const text = await mustGit(bare, ["for-each-ref", "--format=%(objectname)", "refs/heads/main"], "reading main");
  return text.trim() || undefined;
}

/** Contents of a file at a commit; undefined where there is none. */
export async function fileAt(bare: string, commit: string, path: string): Promise<string | undefined> {
  const listed = await mustGit(bare, ["ls-tree", commit, "--", path], `reading ${path}`);
  return listed === "" ? undefined : mustGit(bare, ["show", `${commit}:${path}`], `reading ${path}`);
}

/** All bare repositories below a folder by their path without `.git`: `shop/catalogue`. */
export async function repositoriesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  const look = async (inside: string): Promise<void> => {
    for (const entry of await readdir(join(folder, inside), { withFileTypes: true }).catch(() => [])) {
      if (!entry.isDirectory()) continue;
      const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
      if (path.endsWith(".git")) found.push(path.slice(0, -".git".length));
      else await look(path);
    }
  };
  await look("");
  return found.sort();
}

function importStream(commits: readonly SandboxCommit[], goesOn: boolean): Buffer {
  const parts: Buffer[] = [];
  const line = (text: string) => parts.push(Buffer.from(`${text}\n`));
  const data = (text: string) => {
    const bytes = Buffer.from(text);
    line(`data ${bytes.length}`);
    parts.push(bytes, Buffer.from("\n"));
  };
  commits.forEach((commit, index) => {
    line("commit refs/heads/main");
    line(`mark :${index + 1}`);
    line(`committer ${commit.author.name} <${commit.author.email}> ${Math.floor(commit.at / 1_000)} +0000`);
    data(`${commit.message}\n`);
    if (index === 0 && goesOn) line("from refs/heads/main^0");
    for (const [path, content] of Object.entries(commit.files)) {
      if (content === null) {
        line(`D ${path}`);
        continue;
      }
      line(`M 100644 inline ${path}`);
      data(content);
    }
  });
  commits.forEach((_, index) => {
    line(`get-mark :${index + 1}`);
  });
  line("done");
  return Buffer.concat(parts);
}

function fastImport(bare: string, stream: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["--git-dir", bare, "fast-import", "--quiet", "--done"], { env: gitEnvironment });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", (cause) => reject(new SluiceError("git_failed", "git could not be started", {}, { cause })));
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString("utf8"));
      else reject(gitError(`writing commits to ${bare}`, Buffer.concat(err).toString("utf8")));
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stream);
  });
}
