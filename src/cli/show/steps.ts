import { showVersion } from "../../model/image.ts";
import type { PromotionView } from "../../model/views.ts";
import type { Paint } from "./paint.ts";
import { changeName, isApplied, progressOf, releaseLine } from "./promotion.ts";

/**
 * Progress as lines to append: one text per thing that can move (a release, a container in it, a piece of evidence).
 * Whoever prints remembers the texts and prints those that are new.
 */
export function progressLines(view: PromotionView, paint: Paint): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const release of view.releases) {
    found.set(release.id, releaseLine(release, paint));
    for (const change of release.changes) {
      const key = `${release.id} ${change.workload} ${change.container}`;
      const versions = `${showVersion(change.from)} -> ${showVersion(change.to)}`;
      if (change.outcome.kind !== "pending")
        found.set(
          key,
          `${release.environment}  ${changeName(change)}  ${versions}  ${progressOf(change, release, paint)}`,
        );
      const live = isApplied(release) ? (change.verdict?.evidence ?? []) : [];
      for (const entry of live)
        found.set(
          `${key} ${entry.object} ${entry.reason}`,
          `${release.environment}  ${changeName(change)}  ${entry.object}  ${entry.reason}${entry.message === "" ? "" : `: ${entry.message}`}`,
        );
    }
  }
  return found;
}

/** The texts of `now` that were not there before, in order. */
export function newLines(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  return [...now].filter(([key, text]) => before.get(key) !== text).map(([, text]) => text);
}
