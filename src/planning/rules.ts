import type { CatalogueRepository } from "../model/catalogue.ts";
import { showVersion, type Version } from "../model/image.ts";
import type { PlanItem } from "../model/plan.ts";
import type { Hold } from "../model/release.ts";
import type { Workload } from "../model/workload.ts";
import type { filterOf } from "./candidates.ts";
import { compareVersions, findImage } from "./order.ts";

/** A change that is possible, and what rules need to know to forbid it. */
export interface PossibleChange {
  readonly workload: Workload;
  readonly current: Version;
  readonly version: Version;
  readonly filtered: ReturnType<typeof filterOf>;
  readonly repository: CatalogueRepository | undefined;
  /** Holds on this container in this environment. */
  readonly holds: readonly Hold[];
  /** The release under way that changes this container. */
  readonly underWay: string | undefined;
  readonly automatic: boolean;
}
/** Why a possible change does not happen, or what is to be said of one that does. */
export type Ruling = Pick<PlanItem, "status" | "reason" | "text" | "who">;

/**
 * Rules that keep a possible change away, the hardest first. Locks and tag filters bind everybody; holds, the guard
 * against going back and releases under way bind automation only.
 */
export function ruleOn(change: PossibleChange): Ruling {
  const ruling = ruleOfLock(change.workload) ?? ruleOfFilter(change);
  if (ruling !== undefined) return ruling;
  const hold = change.holds.find((entry) => isHeld(entry, change.version, change.repository));
  if (!change.automatic)
    return hold === undefined ? { status: "change" } : { status: "change", text: `lifts the hold: ${holdText(hold)}` };
  if (hold !== undefined)
    return { status: "refused", reason: "held", text: holdText(hold), who: "anybody who promotes it by hand" };
  return ruleOfOrder(change) ?? ruleOfRelease(change) ?? { status: "change" };
}

/** The refusal of a workload that says to be left alone. */
export function ruleOfIgnore(workload: Workload): Ruling | undefined {
  if (!workload.policy.ignored) return undefined;
  return {
    status: "refused",
    reason: "ignored",
    text: `${workload.file} line ${workload.line} says to ignore it`,
    who: "whoever takes the ignore annotation out of that file",
  };
}

function ruleOfLock({ policy: { locked }, file, line }: Workload): Ruling | undefined {
  if (locked === undefined) return undefined;
  const by = locked.by === undefined ? "" : ` by ${locked.by}`;
  const why = locked.message === undefined ? "" : `: "${locked.message}"`;
  return {
    status: "refused",
    reason: "locked",
    text: `locked${by}${why} (${file} line ${line})`,
    who: locked.by ?? "whoever takes the lock out of that file",
  };
}

function ruleOfFilter({ workload, version, filtered }: PossibleChange): Ruling | undefined {
  if ("problem" in filtered)
    return { status: "refused", reason: "filtered", text: filtered.problem, who: "whoever edits that file" };
  const { written } = filtered.filter;
  // Without a filter even `latest` may be asked for by name; it only never wins by itself.
  if (written === "glob:*" || filtered.filter.allows(version.tag)) return undefined;
  return {
    status: "refused",
    reason: "filtered",
    text: `${showVersion(version)} does not pass the tag filter ${written} (${workload.file} line ${workload.line})`,
    who: "whoever edits the tag filter",
  };
}

function ruleOfOrder({ version, current, repository }: PossibleChange): Ruling | undefined {
  const order = compareVersions(version, current, repository);
  if (order === "newer" || order === "same") return undefined;
  const why =
    order === "unknown"
      ? `it cannot be told whether ${showVersion(version)} is newer than ${showVersion(current)}`
      : `${showVersion(version)} is older than ${showVersion(current)}`;
  return {
    status: "refused",
    reason: "older",
    text: `${why}, and automation never goes back`,
    who: "anybody who promotes it by hand",
  };
}

function ruleOfRelease({ underWay }: PossibleChange): Ruling | undefined {
  if (underWay === undefined) return undefined;
  return { status: "waiting", reason: "under_way", text: `${underWay} is changing it` };
}

function holdText(hold: Hold): string {
  const who = hold.what === "*" ? `pinned by ${hold.by}` : `${showVersion(hold.what)} and older are held by ${hold.by}`;
  return hold.reason === "" ? who : `${who}: ${hold.reason}`;
}

/**
 * Whether a hold keeps a version away: a pin keeps everything, a rollback's hold that version and everything older.
 * Where neither build times nor version numbers tell, only what was built after the rollback is newer than it.
 */
export function isHeld(hold: Hold, version: Version, repository: CatalogueRepository | undefined): boolean {
  if (hold.what === "*") return true;
  const order = compareVersions(version, hold.what, repository);
  if (order !== "unknown") return order !== "newer";
  const builtAt = findImage(repository, version)?.createdAt;
  return builtAt === undefined || builtAt <= hold.at;
}
