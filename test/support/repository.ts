import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary folder that goes when the test ends. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "sluice-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

const identity = {
  GIT_AUTHOR_NAME: "Ana",
  GIT_AUTHOR_EMAIL: "ana@shop.example",
  GIT_COMMITTER_NAME: "Ana",
  GIT_COMMITTER_EMAIL: "ana@shop.example",
};

/** Runs git in a folder as a person would. */
export function git(folder: string, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ...identity, GIT_CONFIG_NOSYSTEM: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Makes a bare repository with one commit of the files given. */
export function makeRepository(bare: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(bare, { recursive: true });
  git(bare, "init", "--quiet", "--bare", "--initial-branch=main");
  const work = temporaryFolder();
  git(work.path, "clone", "--quiet", bare, "work");
  commitFiles(join(work.path, "work"), files, "Start");
  work.remove();
}

/** Writes files into a clone, commits and pushes them; null removes. Answers the commit. */
export function commitFiles(clone: string, files: Readonly<Record<string, string | null>>, message: string): string {
  for (const [path, content] of Object.entries(files)) {
    if (content === null) rmSync(join(clone, path), { recursive: true, force: true });
    else {
      mkdirSync(dirname(join(clone, path)), { recursive: true });
      writeFileSync(join(clone, path), content);
    }
  }
  git(clone, "add", "-A");
  git(clone, "commit", "--quiet", "-m", message);
  git(clone, "push", "--quiet", "origin", "HEAD:main");
  return git(clone, "rev-parse", "HEAD").trim();
}
