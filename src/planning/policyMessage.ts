import type { PolicyChange } from "../model/policy.ts";
import { parseWorkloadId, type WorkloadId } from "../model/workload.ts";
import { manyLines, oneLine, trailersOf } from "./trailers.ts";

/** What a policy change really does to one workload: keys without prefix, as `PolicyUpdate` names them. */
export interface PolicyEffect {
  readonly workload: WorkloadId;
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}
/** What an effect means for people. One effect may be several deeds. */
export type PolicyDeed = "automated" | "deautomated" | "locked" | "unlocked" | "updated";

/** Flux v1's words for each deed, as commit subjects have them. */
const subjects: Readonly<Record<PolicyDeed, string>> = {
  automated: "Automated",
  deautomated: "Deautomated",
  locked: "Locked",
  unlocked: "Unlocked",
  updated: "Updated policies",
};
/** Keys that say nothing of their own where the lock itself is set or taken away. */
const lockDetails = new Set(["locked_user", "locked_msg"]);

export function deedsOf({ set, remove }: PolicyEffect): PolicyDeed[] {
  const deeds: PolicyDeed[] = [];
  const touched = new Set([...Object.keys(set), ...remove]);
  if (touched.has("automated")) deeds.push(set.automated === "true" ? "automated" : "deautomated");
  if (touched.has("locked")) deeds.push(set.locked === "true" ? "locked" : "unlocked");
  const others = [...touched].filter(
    (key) => key !== "automated" && key !== "locked" && !(touched.has("locked") && lockDetails.has(key)),
  );
  if (others.length > 0) deeds.push("updated");
  return deeds;
}

/**
 * The commit message of a policy change: Flux's words as the subject, the person's words, and trailers that carry the
 * meaning. `effects` are those this commit writes.
 */
export function policyMessage(change: PolicyChange, effects: readonly PolicyEffect[]): string {
  const trailers = [
    `Sluice-Change: ${change.id}`,
    `Sluice-Environment: ${change.environment}`,
    `Sluice-Author: ${oneLine(change.by.name)}`,
    ...effects.flatMap(({ workload, set, remove }) => [
      ...Object.entries(set).map(([key, value]) => `Sluice-Policy: ${workload} ${key}=${oneLine(value)}`),
      ...remove.map((key) => `Sluice-Policy: ${workload} -${key}`),
    ]),
  ];
  const words = manyLines(change.message);
  const paragraphs = [...subjectOf(effects), ...(words === "" ? [] : [words]), trailers.join("\n")];
  return `${paragraphs.join("\n\n")}\n`;
}

/** One kind of deed is the subject; several are a list below a subject of their own. */
function subjectOf(effects: readonly PolicyEffect[]): string[] {
  const byDeed = new Map<PolicyDeed, WorkloadId[]>();
  for (const effect of effects)
    for (const deed of deedsOf(effect)) byDeed.set(deed, [...(byDeed.get(deed) ?? []), effect.workload]);
  const lines = [...byDeed].map(([deed, ids]) => `${subjects[deed]}: ${shortList(ids)}`);
  if (lines.length === 1) return [oneLine(lines[0]!)];
  return ["Updated workload policies", lines.map((line) => `- ${oneLine(line)}`).join("\n")];
}

function shortList(ids: readonly WorkloadId[]): string {
  return ids.length <= 3 ? ids.join(", ") : `${ids.slice(0, 2).join(", ")} and ${ids.length - 2} more`;
}

/** What the commit of a policy change did, read back from its message; values as they fit in one line. */
export function policyEffects(message: string): PolicyEffect[] {
  const found = new Map<WorkloadId, { set: Record<string, string>; remove: string[] }>();
  for (const { key, value } of trailersOf(message)) {
    const match = key === "Sluice-Policy" ? /^(\S+) (?:-(\S+)|([^\s=]+)=(.*))$/.exec(value) : null;
    const workload = match?.[1];
    if (match === null || workload === undefined || parseWorkloadId(workload) === undefined) continue;
    const effect = found.get(workload) ?? { set: {}, remove: [] };
    found.set(workload, effect);
    if (match[2] === undefined) effect.set[match[3]!] = match[4]!;
    else effect.remove.push(match[2]);
  }
  return [...found].map(([workload, effect]) => ({ workload, ...effect }));
}
