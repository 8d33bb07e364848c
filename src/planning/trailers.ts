import type { Version } from "../model/image.ts";
import type { CommitInfo } from "../model/ports/git.ts";
import type { Hold } from "../model/release.ts";

const trailerLine = /^([A-Za-z][A-Za-z-]*):(?: (.*))?$/;
/** What git and forges put among trailers. */
const foreignLine = /^(?:\s+\S|\(cherry picked from commit )/;

/**
 * Trailers of a whole commit message: the `Key: value` lines of its last paragraph, in order, when nothing but trailers
 * stands there. A message of one paragraph has none: that is its subject, whatever it looks like.
 */
export function trailersOf(message: string): { key: string; value: string }[] {
  const paragraphs = message
    .replaceAll("\r\n", "\n")
    .trim()
    .split(/\n[^\S\n]*\n/);
  if (paragraphs.length < 2) return [];
  const found: { key: string; value: string }[] = [];
  for (const line of paragraphs.at(-1)!.split("\n")) {
    const match = trailerLine.exec(line);
    if (match !== null) found.push({ key: match[1]!, value: (match[2] ?? "").trimEnd() });
    else if (!foreignLine.test(line) && line !== "") return [];
  }
  return found;
}

/** Value of one trailer. */
export function trailer(message: string, key: string): string | undefined {
  return trailersOf(message).find((entry) => entry.key === key)?.value;
}

/** `<environment> <workload> <container> <what> <reason>` */
export function writeHold(hold: Pick<Hold, "environment" | "workload" | "container" | "what" | "reason">): string {
  return [hold.environment, hold.workload, hold.container, writeWhat(hold.what), oneLine(hold.reason)].join(" ");
}
function writeWhat(what: "*" | Version): string {
  if (what === "*") return "*";
  return what.digest === undefined ? what.tag : `${what.tag}@${what.digest}`;
}
function readWhat(text: string): "*" | Version {
  if (text === "*") return "*";
  const at = text.indexOf("@");
  return at < 0 ? { tag: text } : { tag: text.slice(0, at), digest: text.slice(at + 1) };
}

/** What commits say of holds and prunes, carried on from an earlier reading. Commits come oldest first. */
export interface Marks {
  readonly holds: readonly Hold[];
  /** Confirmed prunes as `<environment> <hash>`. */
  readonly prunes: readonly string[];
}
export function readMarks(before: Marks, commits: readonly CommitInfo[]): Marks {
  const holds = new Map(before.holds.map((hold) => [holdKey(hold), hold]));
  const prunes = new Set(before.prunes);
  for (const commit of commits)
    for (const { key, value } of trailersOf(commit.body)) {
      const [environment = "", workload = "", container = "", what = "", ...reason] = value.split(" ");
      if (key === "Sluice-Prune") prunes.add(`${environment} ${workload}`);
      if (key === "Sluice-Lifts") holds.delete(holdKey({ environment, workload, container }));
      if (key !== "Sluice-Holds" || what === "") continue;
      const hold: Hold = {
        environment,
        workload,
        container,
        what: readWhat(what),
        reason: reason.join(" "),
        commit: commit.commit,
        at: commit.at,
        by: trailer(commit.body, "Sluice-Author") ?? commit.author,
      };
      holds.set(holdKey(hold), hold);
    }
  return { holds: [...holds.values()], prunes: [...prunes] };
}

function holdKey(hold: { environment: string; workload: string; container: string }): string {
  return `${hold.environment} ${hold.workload} ${hold.container}`;
}

/** Text for one line of a message: no line ends, nothing that cannot be printed, bounded. */
export function oneLine(text: string): string {
  return [...text.replace(/[\s\p{Cc}]+/gu, " ").trim()].slice(0, 300).join("").trimEnd();
}

/** Text for the middle of a message: line ends as Git likes them, nothing that cannot be printed, bounded. */
export function manyLines(text: string): string {
  const clean = text.replace(/\r\n?/g, "\n").replace(/[^\P{Cc}\n\t]+/gu, " ");
  return [...clean.trim()].slice(0, 4_000).join("").trimEnd();
}
