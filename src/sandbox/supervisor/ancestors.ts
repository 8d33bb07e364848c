import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** One process as /proc shows it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Start time in the machine's ticks: the same pid with another is another process. */
  readonly startedAt: string;
  readonly environment: ReadonlyMap<string, string>;
}
/** Reads a process; undefined when there is none, or no /proc. */
export type ProcessReader = (pid: number) => ProcessFacts | undefined;

/** Tools that start something which is meant to outlive who started it. */
const detachers = new Set(["nohup", "setsid", "disown", "daemonize"]);
const checkEveryMs = 250;
const maxDepth = 20;

/**
 * The processes whose end ends the trial, by pid with their start time: every one up to the npm (or other script
 * runner) that started us, and who started that. One that was detached on purpose (a session of its own, `nohup`) is
 * nobody's child: its parent may go.
 */
export function ancestorsToWatch(own: number, read: ProcessReader): ReadonlyMap<number, string> {
  const watched = new Map<number, string>();
  let at = read(own);
  for (let depth = 0; at !== undefined && depth < maxDepth; depth++) {
    const inScript = at.environment.has("npm_lifecycle_event");
    if (!inScript && isDetached(at)) return watched;
    const parent = at.parent > 1 ? read(at.parent) : undefined;
    if (parent === undefined) return watched;
    watched.set(parent.pid, parent.startedAt);
    if (!inScript) return watched;
    at = parent;
  }
  return watched;
}

function isDetached(process: ProcessFacts): boolean {
  return process.session === process.pid || detachers.has(basename(process.environment.get("_") ?? ""));
}

/**
 * Calls back once when a watched ancestor has ended, however it ended: no signal, terminal or input is needed. Where
 * there is no /proc, the parent alone is watched. Answers how to stop watching.
 */
export function onOrphaned(callback: () => void): () => void {
  const parent = process.ppid;
  const watched = ancestorsToWatch(process.pid, readProcess);
  const timer = setInterval(() => {
    const gone = [...watched].some(([pid, startedAt]) => readProcess(pid)?.startedAt !== startedAt);
    const orphaned = process.platform === "linux" ? gone : process.ppid !== parent;
    if (!orphaned) return;
    clearInterval(timer);
    callback();
  }, checkEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Reads /proc; a zombie counts as ended. */
export const readProcess: ProcessReader = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const environment = new Map<string, string>();
    for (const entry of environmentOf(pid).split("\0")) {
      const equals = entry.indexOf("=");
      if (equals > 0) environment.set(entry.slice(0, equals), entry.slice(equals + 1));
    }
    return { pid, parent: Number(fields[1]), session: Number(fields[3]), startedAt: fields[19] ?? "", environment };
  } catch {
    return undefined;
  }
};

/** Empty for processes of other users. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}
