import type { StoreGroups } from "../model/ports/store.ts";
import { commitOf, type Hold, hasEnded, type Promotion, type Release, type ReleaseState } from "../model/release.ts";
import { containerKey } from "../model/workload.ts";
import { wasWritten } from "../pipelines/step.ts";
import { isHeld } from "../planning/plan.ts";
import { forgetHolds, keepStopped } from "../releasing/stops.ts";
import type { Repositories } from "../repositories/repositories.ts";

/** The holds a release's commit places and lifts. */
export interface HoldMarks {
  readonly holds: readonly Pick<Hold, "environment" | "workload" | "container" | "what" | "reason">[];
  readonly lifts: readonly Hold[];
}

/**
 * A rollback places a hold on what it takes out, and so does a person who goes back to an older version; a person who
 * promotes a held version lifts its hold. `stopped` are the holds that stand in no commit yet.
 */
export function holdMarks(
  repositories: Repositories,
  promotion: Promotion,
  release: Release,
  stopped: readonly Hold[],
): HoldMarks {
  const holds = holdsPlaced(promotion, release);
  if (promotion.reverts !== undefined) return { holds, lifts: [] };
  const standing = [
    ...stopped.filter((hold) => hold.environment === release.environment),
    ...repositories.holdsOf(repositories.environment(release.environment)),
  ];
  const lifts = standing.filter((hold) => isLifted(hold, promotion, release));
  // A hold may stand in Git and still be on the list of those to write: it is lifted once.
  return { holds, lifts: [...new Map(lifts.map((hold) => [containerKey(hold), hold])).values()] };
}

/**
 * A review that is merged by squash or pick may lose the trailers of its commit, so that what they said is kept beside
 * Git: its holds count, and what was lifted does not any more. Call it in the transaction that ends the review.
 */
export async function keepReviewedHolds(
  groups: Pick<StoreGroups, "values">,
  promotion: Promotion,
  release: Release,
  next: ReleaseState,
  now: number,
): Promise<void> {
  await forgetHolds(groups, (hold) => isLifted(hold, promotion, release));
  if (commitOf(next) === commitOf(release.state)) return;
  const rest = { commit: "", at: now, by: promotion.by.name };
  const written = { ...release, changes: release.changes.filter(wasWritten) };
  const holds = holdsPlaced(promotion, written).map((hold): Hold => ({ ...hold, ...rest }));
  if (holds.length > 0) await keepStopped(groups, { release: release.id, base: "", holds });
}

/**
 * What automation had brought to review and somebody turned down is kept away, also from the regions that were to follow,
 * or it would be offered again at once. Call it in the transaction that ends the release.
 */
export async function holdTurnedDown(
  groups: Pick<StoreGroups, "values" | "promotions">,
  promotion: Promotion,
  release: Release,
  now: number,
): Promise<void> {
  if (promotion.by.kind !== "automation") return;
  const following = (await groups.promotions.releases(promotion.id)).filter(
    (other) => !hasEnded(other.state) && other.position > release.position,
  );
  for (const { id, environment, changes } of [release, ...following]) {
    const rest = { reason: `turned down in review: ${release.id}`, commit: "", at: now, by: promotion.by.name };
    const holds = changes.map(
      ({ workload, container, toVersion }): Hold => ({ environment, workload, container, what: toVersion, ...rest }),
    );
    await keepStopped(groups, { release: id, base: "", holds });
  }
}

/** What is kept away afterwards: all that a rollback takes out, and what a person went back from. */
function holdsPlaced(promotion: Promotion, { environment, changes }: Release): Omit<Hold, "commit" | "at" | "by">[] {
  const isRollback = promotion.reverts !== undefined;
  const reason = promotion.message || `${isRollback ? "rolled back" : "taken back"} by ${promotion.by.name}`;
  return changes.flatMap(({ workload, container, fromVersion, back }) => {
    const what = isRollback ? fromVersion : back;
    return what === undefined ? [] : [{ environment, workload, container, what, reason }];
  });
}

function isLifted(hold: Hold, { by }: Promotion, { environment, changes }: Release): boolean {
  return (
    hold.environment === environment &&
    changes.some(
      (change) =>
        change.workload === hold.workload &&
        change.container === hold.container &&
        (by.kind === "person" || !isHeld(hold, change.toVersion, undefined)),
    )
  );
}
