import { spawn } from "node:child_process";
import { type ErrorFacts, SluiceError } from "../errors.ts";
import { plainWords, withoutCredentials } from "./words.ts";

/** Git never asks a person, never reads the settings of this machine or its user, and answers in English. */
export const gitEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  GIT_TERMINAL_PROMPT: "0",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ASKPASS: "true",
  GIT_OPTIONAL_LOCKS: "0",
  LC_ALL: "C",
};
for (const name of Object.keys(gitEnvironment))
  if (
    /^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|CONFIG_(COUNT|KEY_.*|VALUE_.*|PARAMETERS)|TRACE.*|CURL_VERBOSE)$/.test(
      name,
    )
  )
    delete gitEnvironment[name];

/** How long git has to tidy up when it is stopped. */
const graceMs = 2_000;

export interface GitRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs git once, bounded in time (60 s) and output (64 MiB). Throws `git_failed` only when git cannot run at all. What
 * is stopped is stopped with the helpers git started, for one that waits for a silent host would keep its pipes open; it
 * is asked first, so that git takes its locks away, and killed when it does not listen.
 */
export function runGit(
  directory: string,
  args: readonly string[],
  options: { timeoutMs?: number; environment?: NodeJS.ProcessEnv; signal?: AbortSignal } = {},
): Promise<GitRun> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["--git-dir", directory, ...args], {
      env: { ...gitEnvironment, ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const { timeoutMs = 60_000 } = options;
    let timedOut = false;
    let killer: NodeJS.Timeout | undefined;
    const stop = () => {
      signalGroup(child.pid, "SIGTERM");
      killer ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), graceMs);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      stop();
    }, timeoutMs);
    if (options.signal?.aborted === true) stop();
    options.signal?.addEventListener("abort", stop);
    const ended = () => {
      clearTimeout(timer);
      clearTimeout(killer);
      options.signal?.removeEventListener("abort", stop);
    };
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > 64 * 1024 * 1024) stop();
      else out.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (err.length < 1_000) err.push(chunk);
    });
    child.on("error", (cause) => {
      ended();
      reject(new SluiceError("git_failed", "git could not be started; is it installed?", {}, { cause }));
    });
    child.on("close", (code, signal) => {
      ended();
      resolve({
        code: code ?? 128,
        stdout: Buffer.concat(out).toString("utf8"),
        stderr:
          signal === null
            ? Buffer.concat(err).toString("utf8")
            : `${nameOf(args)} ${timedOut ? `timed out after ${timeoutMs / 1_000} s` : `was stopped (${signal})`}`,
      });
    });
  });
}

/** The command without its options and what it is told. */
function nameOf(args: readonly string[]): string {
  return `git ${args.find((arg) => /^[a-z][a-z-]+$/.test(arg)) ?? ""}`.trim();
}

/** Tells a process that leads a group of its own, and everything it started, to end. */
function signalGroup(pid: number | undefined, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Runs git and throws `git_failed` with its own words when it fails. */
export async function mustGit(directory: string, args: readonly string[], what: string): Promise<string> {
  const run = await runGit(directory, args);
  if (run.code !== 0) throw gitError(what, run.stderr);
  return run.stdout;
}

/** A `git_failed` that says in plain words what was being done, what is wrong and what to do; never a credential. */
export function gitError(what: string, output: string, facts: ErrorFacts = {}): SluiceError {
  const { text, symptom, help } = plainWords(output);
  return new SluiceError("git_failed", `${withoutCredentials(what)}: ${text}`, {
    ...facts,
    ...(symptom === undefined ? {} : { symptom }),
    ...(help === undefined ? {} : { help }),
  });
}

/** Whether Git was given up because we are ending: the next start goes on, and nobody has to hear of it. */
export function isAbandoned(thrown: unknown): boolean {
  return thrown instanceof SluiceError && thrown.facts.abandoned === true;
}
