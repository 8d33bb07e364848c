import { personName } from "../../../src/model/identity.ts";
import { showVersion } from "../../../src/model/image.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import type { CellView } from "../../../src/model/views.ts";
import { showAge, showClock } from "../time/words.ts";
import type { SignName } from "./Sign.tsx";

/** How a cell of the matrix looks: one sign, its word, and one line that says the most important thing. */
export interface Look {
  readonly sign: SignName;
  readonly word: string;
  /** The line below the version: evidence of trouble first, then who waits for what, then the plain state. */
  readonly line: string;
  readonly lineTone?: "failed" | "waiting" | "drifted" | "muted";
  /** 0 to 1, while rolling out. */
  readonly progress: number;
  /** Not fresh: nobody has looked since. */
  readonly stale: boolean;
  /** Something a person should look at. */
  readonly attention: boolean;
}

/** Share of the pods that are new and ready. */
export function progressOf(verdict: Pick<Verdict, "desired" | "updated" | "ready">): number {
  if (verdict.desired === 0) return 1;
  return Math.max(0, Math.min(1, Math.min(verdict.updated, verdict.ready) / verdict.desired));
}

/** The sign and word of a verdict by itself. */
export function verdictLook(verdict: Verdict): { sign: SignName; word: string } {
  switch (verdict.state) {
    case "healthy":
      return { sign: "healthy", word: "healthy" };
    case "applied":
      return { sign: "applied", word: "applied" };
    case "rolling out":
      return { sign: verdict.evidence.length > 0 ? "failed" : "rolling", word: "rolling out" };
    case "failed":
      return { sign: "failed", word: "failed" };
    case "missing":
      return { sign: "failed", word: "missing" };
    case "unknown":
      return { sign: "unknown", word: "unknown" };
  }
}

/** When it came to what it is: the last verification while it is fine, the start of the state otherwise. */
export function standsSince(cell: CellView): number | undefined {
  const since = cell.verdict.since === 0 ? undefined : cell.verdict.since;
  return cell.verdict.state === "healthy" || cell.verdict.state === "applied" ? (cell.verifiedAt ?? since) : since;
}

/** `3 of 5 ready`, or nothing where there are no pods to count. */
export function readyText(verdict: Pick<Verdict, "desired" | "ready">): string {
  return verdict.desired === 0 ? "" : `${Math.min(verdict.ready, verdict.desired)} of ${verdict.desired} ready`;
}

function evidenceLine(verdict: Verdict): string | undefined {
  const [first] = verdict.evidence;
  return first === undefined ? undefined : `${first.reason}: ${first.message}`;
}

/** Decides what a cell says first: not fresh, broken, moving, drifted, locked or held, waiting, fine. */
export function cellLook(cell: CellView, now: number): Look {
  const { verdict } = cell;
  const base = { progress: progressOf(verdict), stale: false, attention: false, ...verdictLook(verdict) };
  if (verdict.state === "unknown") {
    const seen = cell.lastKnown === undefined ? verdict.message : `last seen ${cell.lastKnown.state}`;
    const word = verdict.since === 0 ? "unknown" : `unknown since ${showClock(verdict.since, now)}`;
    return { ...base, word, line: seen, lineTone: "muted", stale: true, attention: true };
  }
  if (cell.problem !== undefined)
    return {
      ...base,
      sign: "failed",
      word: "not applied",
      line: cell.problem.message,
      lineTone: "failed",
      attention: true,
    };
  if (verdict.state === "failed" || verdict.state === "missing")
    return { ...base, line: evidenceLine(verdict) ?? verdict.message, lineTone: "failed", attention: true };
  if (verdict.state === "rolling out") {
    const trouble = evidenceLine(verdict);
    if (trouble !== undefined) return { ...base, line: trouble, lineTone: "failed", attention: true };
    return { ...base, ...movingLine(verdict, now) };
  }
  if (cell.drift.length > 0) {
    const [first] = cell.drift;
    return {
      ...base,
      sign: "drifted",
      word: "drifted",
      line: driftLine(first!),
      lineTone: "drifted",
      attention: true,
    };
  }
  return { ...base, ...quietLine(cell) };
}

function movingLine(verdict: Verdict, now: number): { word: string; line: string } {
  const ready = readyText(verdict);
  if (verdict.settlesAt === undefined) {
    // Pods of the old version are ready too: until all are new, those that are new say how far it is.
    const count = verdict.updated < verdict.desired ? `${verdict.updated} of ${verdict.desired} new` : ready;
    return { word: "rolling out", line: `rolling out, ${count === "" ? verdict.message : count}` };
  }
  const rest = verdict.settlesAt > now ? `, ${showAge(verdict.settlesAt - now)} left` : "";
  return { word: "settling", line: `settling${rest}${ready === "" ? "" : `, ${ready}`}` };
}

function quietLine(cell: CellView): Pick<Look, "line" | "lineTone"> {
  if (cell.locked !== undefined) {
    const by = cell.locked.by === undefined ? "" : ` by ${personName(cell.locked.by)}`;
    return {
      line: `locked${by}${cell.locked.message === undefined ? "" : `: ${cell.locked.message}`}`,
      lineTone: "muted",
    };
  }
  const [hold] = cell.holds;
  if (hold !== undefined) {
    const what = hold.what === "*" ? "every version" : showVersion(hold.what);
    return { line: `${what} held back by ${hold.by}`, lineTone: "muted" };
  }
  const ready = cell.containers.find((container) => container.next?.status === "change")?.next;
  if (ready?.toVersion !== undefined)
    return { line: `${showVersion(ready.toVersion)} waits for a person`, lineTone: "waiting" };
  const waiting = cell.containers.find((container) => container.next?.status === "waiting")?.next;
  if (waiting?.text !== undefined) return { line: waiting.text, lineTone: "muted" };
  const count = cell.verdict.desired === 0 ? "" : `, ${cell.verdict.available} of ${cell.verdict.desired}`;
  return { line: `${cell.verdict.state}${count}`, lineTone: "muted" };
}

/** Without a field it is the whole object that differs. */
function driftLine({ field, git, live }: CellView["drift"][number]): string {
  const differs = `Git ${git}, live ${live}`;
  return field === "" ? differs : `${shortField(field)}: ${differs}`;
}

/** The last words of a long field path, enough to know it. */
function shortField(field: string): string {
  const parts = field.split(".").filter((part) => part !== "spec");
  return parts.length <= 2 ? parts.join(".") : parts.slice(-2).join(".");
}
