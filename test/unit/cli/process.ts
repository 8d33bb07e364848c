import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const sluice = join(import.meta.dirname, "../../../bin/sluice.mjs");

/** Runs the command line as a person's shell would and answers what it wrote and its exit code. */
export async function runSluice(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [sluice, ...args], { env: { ...process.env, ...env }, stdio: "pipe" });
  const written = { stdout: "", stderr: "" };
  child.stdin.end();
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  return { code: (await ended(child, "close")).code, ...written };
}

/** Starts a long-running command with an IPC channel, as a parent process would; resolves when it says it is ready. */
export async function startSluice(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ child: ChildProcess; url: string; ended: Promise<{ code: number | null; signal: string | null }> }> {
  const child = spawn(process.execPath, [sluice, ...args], {
    env: { ...process.env, SLUICE_LOG: "error", ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const end = ended(child, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (message) => resolve((message as { ready: string }).ready));
    child.once("exit", () => reject(new Error("it ended before it was ready")));
  });
  return { child, url, ended: end };
}

/** The same for one that is to be known by the address it prints, before it says that it is ready. */
export async function startWritingSluice(
  args: readonly string[],
): Promise<{ child: ChildProcess; url: string; ended: Promise<{ code: number | null; signal: string | null }> }> {
  const child = spawn(process.execPath, [sluice, ...args], {
    env: { ...process.env, SLUICE_LOG: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = ended(child, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      const found = /listens on (\S+)\n/.exec(text);
      if (found !== null) resolve(found[1]!);
    });
    child.once("exit", () => reject(new Error("it ended before it listened")));
  });
  return { child, url, ended: end };
}

/** `close` comes when all output is read; with an IPC channel that was cut only `exit` comes. */
function ended(child: ChildProcess, event: "close" | "exit"): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => child.once(event, (code, signal) => resolve({ code, signal })));
}
