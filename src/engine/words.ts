import { showVersion } from "../model/image.ts";
import type { Promotion, Release, ReleaseChange, ReleaseState } from "../model/release.ts";
import { stateWord } from "../model/release.ts";
import { showPlace } from "../model/source.ts";
import { shortName } from "../planning/message.ts";

/** What events say. The actor stands beside the text, so sentences do without a subject: "you" and "ana" read alike. */

/** A promotion that was taken up. */
export function acceptedText(promotion: Promotion, releases: readonly Release[]): string {
  const what = whatMoves(releases.flatMap((release) => release.changes));
  const target = showPlace(promotion.target);
  if (promotion.reverts !== undefined)
    return `Rolling back to ${what} in ${target}, which takes back ${promotion.reverts}`;
  const forced = new Set(releases.flatMap(({ changes }) => changes.flatMap((change) => change.forced ?? [])));
  const past = forced.size === 0 ? "" : `, forced past ${[...forced].join(", ")}`;
  return `Promoting ${what} from ${showPlace(promotion.source)} to ${target}${past}`;
}

/** A step a release entered, or its end with the reason. */
export function stepText(release: Release, state: ReleaseState): string {
  const reason = "reason" in state ? `, ${state.reason}` : "branch" in state ? ` on ${state.branch}` : "";
  return `${whatMoves(release.changes)} in ${release.environment}: ${stateWord(state)}${reason}`;
}

/** How far a release is whose step stays the same. */
export function progressText(release: Release): string {
  const done = release.changes.filter(({ outcome }) => outcome.kind === "verified" || outcome.kind === "same").length;
  return `${whatMoves(release.changes)} in ${release.environment}: ${done} of ${release.changes.length} verified`;
}

/** The containers and versions that move, three at most by name. */
function whatMoves(changes: readonly ReleaseChange[]): string {
  const names = [...new Set(changes.map((change) => `${shortName(change)} ${showVersion(change.toVersion)}`))];
  if (names.length === 0) return "nothing";
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
}
