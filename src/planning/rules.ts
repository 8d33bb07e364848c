import type { CatalogueRepository } from "../model/catalogue.ts";
import { showVersion, type Version } from "../model/image.ts";
import type { PlanItem, PlanReason } from "../model/plan.ts";
import type { Hold } from "../model/release.ts";
import type { Workload } from "../model/workload.ts";
import type { TagFilter } from "../policies/filter.ts";
import type { filterOf } from "./candidates.ts";
import { lockText } from "./lockText.ts";
import { compareVersions, findImage, type Order } from "./order.ts";
import { suspectText, tagsMissing } from "./suspect.ts";

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
  /** Whether the version is the newest of what the registry lists, rather than one that was tried elsewhere. */
  readonly fromRegistry: boolean;
  /** Rules that somebody who gave a reason may break. */
  readonly breakable: ReadonlySet<PlanReason>;
}
/** Why a possible change does not happen, or what is to be said of one that does. */
export type Ruling = Pick<PlanItem, "status" | "reason" | "text" | "who" | "forced" | "back">;

/**
 * Rules that keep a possible change away, the hardest first. Ignores, locks and tag filters bind everybody who does not
 * break them; holds, a tag list that may not be whole, the guard against going back and releases under way bind
 * automation only.
 */
export function ruleOn(change: PossibleChange): Ruling {
  const binding = [ruleOfIgnore(change.workload), ruleOfLock(change.workload), ruleOfFilter(change)];
  const refusals = binding.filter((ruling) => ruling !== undefined);
  const refusal = refusals.find(({ reason }) => !change.breakable.has(reason!));
  if (refusal !== undefined) return refusal;
  return change.automatic ? ruleOnAutomation(change) : byHand(change, refusals);
}

function ruleOnAutomation(change: PossibleChange): Ruling {
  const hold = holdOn(change);
  if (hold !== undefined)
    return { status: "refused", reason: "held", text: holdText(hold), who: "anybody who promotes it by hand" };
  return ruleOfTags(change) ?? ruleOfOrder(change) ?? ruleOfRelease(change) ?? { status: "change" };
}

/** What a person does by this change besides changing the version. */
function byHand(change: PossibleChange, broken: readonly Ruling[]): Ruling {
  const hold = holdOn(change);
  const suspect = change.fromRegistry ? change.repository?.suspect : undefined;
  const older = orderOf(change) === "older";
  const kept = hold && keptAway(change, hold);
  const back = kept ?? (older ? withDigest(change) : undefined);
  const texts = [
    ...broken.map(({ text }) => `forced: ${text}`),
    ...(hold === undefined
      ? []
      : [`${kept === undefined ? "lifts the hold" : `${showVersion(kept)} stays away`}: ${holdText(hold)}`]),
    ...(suspect === undefined ? [] : [`${suspectText(suspect)}; promoting it accepts that`]),
    ...(older ? [`goes back: automation will not bring ${showVersion(change.current)} again`] : []),
  ];
  return {
    status: "change",
    ...(texts.length === 0 ? {} : { text: texts.join("; ") }),
    ...(broken.length === 0 ? {} : { forced: broken.map(({ reason }) => reason!) }),
    ...(back === undefined ? {} : { back }),
  };
}

/** The version a hold is about, where the one chosen and the one left are both older: it is as unwanted as before. */
function keptAway({ version, current, repository, filtered }: PossibleChange, { what }: Hold): Version | undefined {
  if (what === "*") return undefined;
  const filter = "filter" in filtered ? filtered.filter : undefined;
  const isOlder = (than: Version) => compareVersions(than, what, repository, filter) === "older";
  return isOlder(version) && isOlder(current) ? what : undefined;
}

/** The version that is there, with the digest its tag has as far as that is known. */
function withDigest({ current, repository }: PossibleChange): Version {
  const digest = current.digest ?? findImage(repository, current)?.digest;
  return digest === undefined ? current : { ...current, digest };
}

function holdOn(change: PossibleChange): Hold | undefined {
  const filter = "filter" in change.filtered ? change.filtered.filter : undefined;
  return change.holds.find((entry) => isHeld(entry, change.version, change.repository, filter));
}

/** The newest of a list that has just lost most of its tags is most likely not the newest. */
function ruleOfTags({ repository, fromRegistry }: PossibleChange): Ruling | undefined {
  if (!fromRegistry || repository?.suspect === undefined) return undefined;
  return { status: "refused", reason: "tags_missing", ...tagsMissing(repository.suspect) };
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

function ruleOfLock(workload: Workload): Ruling | undefined {
  const { locked } = workload.policy;
  if (locked === undefined) return undefined;
  return {
    status: "refused",
    reason: "locked",
    text: lockText(workload),
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

/** Where the new version stands against the one that is there. */
function orderOf({ version, current, repository, filtered }: PossibleChange): Order {
  return compareVersions(version, current, repository, "filter" in filtered ? filtered.filter : undefined);
}

function ruleOfOrder(change: PossibleChange): Ruling | undefined {
  const { version, current } = change;
  const order = orderOf(change);
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
 * Where neither build times, the filter's order nor version numbers tell, only what was built after the rollback is newer than it.
 */
export function isHeld(
  hold: Hold,
  version: Version,
  repository: CatalogueRepository | undefined,
  filter?: TagFilter,
): boolean {
  if (hold.what === "*") return true;
  const order = compareVersions(version, hold.what, repository, filter);
  if (order !== "unknown") return order !== "newer";
  const builtAt = findImage(repository, version)?.createdAt;
  return builtAt === undefined || builtAt <= hold.at;
}
