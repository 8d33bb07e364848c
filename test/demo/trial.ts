import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CellView, MatrixView } from "../../src/model/views.ts";
import { until } from "../support/until.ts";

const checkout = join(import.meta.dirname, "../..");

/** A trial started as people start it, without terminal and input. */
export interface StartedTrial {
  readonly url: string;
  readonly child: ChildProcess;
  /** Processes of this trial that still live: all carry its mark in their environment. */
  processes(): number[];
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
  cell(environment: string, workload: string): Promise<CellView | undefined>;
}

export async function startTrial(folder: string, command: string, args: readonly string[]): Promise<StartedTrial> {
  const mark = `SLUICE_TEST_TRIAL=${randomUUID()}`;
  const log = join(folder, `${mark.slice(-8)}.log`);
  const output = openSync(log, "a");
  const child = spawn(command, args, {
    cwd: checkout,
    stdio: ["ignore", output, output],
    env: { ...process.env, SLUICE_TEST_TRIAL: mark.slice(mark.indexOf("=") + 1) },
  });
  const url = await until(
    "the trial's address",
    () => {
      const text = readFileSync(log, "utf8");
      if (child.exitCode !== null) throw new Error(`the trial ended: ${text}`);
      return /Sluice trial: (\S+)/.exec(text)?.[1];
    },
    40_000,
  );
  const call = async <T>(path: string, init: RequestInit): Promise<T> => {
    const answer = await fetch(`${url}${path}`, init);
    const body = (await answer.json()) as T;
    if (!answer.ok) throw new Error(JSON.stringify(body));
    return body;
  };
  const trial: StartedTrial = {
    url,
    child,
    processes: () => processesWith(mark),
    get: (path) => call(path, {}),
    post: (path, body) =>
      call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    async cell(environment, workload) {
      const matrix = await trial.get<MatrixView>("/api/v1/matrix");
      return matrix.rows.find((row) => row.id === workload)?.cells[environment];
    },
  };
  return trial;
}

/** Processes whose environment holds a text; zombies have none. */
function processesWith(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Resolves when nothing of the trial is left; says what is. */
export async function untilGone(trial: StartedTrial): Promise<void> {
  await until("every process of the trial to end", () => trial.processes().length === 0, 15_000).catch((error) => {
    const left = trial.processes().map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
    throw new Error(`${(error as Error).message}; left: ${left.join("\n")}`);
  });
}

/**
 * Ends a trial as Ctrl-C does and waits until nothing of it is left; what stays is killed and told. One that never
 * started needs nothing.
 */
export async function stopTrial(trial: StartedTrial | undefined): Promise<void> {
  if (trial === undefined) return;
  trial.child.kill("SIGTERM");
  try {
    await untilGone(trial);
  } finally {
    for (const pid of trial.processes())
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has just ended by itself.
      }
  }
}

/** The processes of a trial whose command line holds all the words. */
export function processesOf(trial: StartedTrial, ...words: readonly string[]): number[] {
  return trial.processes().filter((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return words.every((word) => line.includes(word));
    } catch {
      return false;
    }
  });
}
