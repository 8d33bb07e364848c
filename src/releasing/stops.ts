import type { StoreGroups } from "../model/ports/store.ts";
import type { Hold } from "../model/release.ts";

/** A release of automation that was stopped before it was written, and the holds that keep its versions away. */
export interface StoppedRelease {
  readonly release: string;
  /** The branch head when it was stopped: the commit that carries the holds can only stand after it. */
  readonly base: string;
  readonly holds: readonly Hold[];
}
type Values = Pick<StoreGroups, "values">;
const key = "holds to write";

/** Stopped releases whose holds stand in no commit yet. */
export async function stoppedReleases({ values }: Values): Promise<readonly StoppedRelease[]> {
  const kept = await values.get(key);
  return kept === undefined ? [] : (JSON.parse(kept) as StoppedRelease[]);
}

/** Holds that count already though no commit carries them yet: nothing may slip in between. */
export async function holdsToWrite(groups: Values): Promise<readonly Hold[]> {
  return (await stoppedReleases(groups)).flatMap((stopped) => stopped.holds);
}

/** Remembers a stopped release until its holds are written; call it in the transaction that stops it. */
export async function keepStopped(groups: Values, stopped: StoppedRelease): Promise<void> {
  const others = (await stoppedReleases(groups)).filter((entry) => entry.release !== stopped.release);
  await groups.values.put(key, JSON.stringify([...others, stopped]));
}

/** The holds of a stopped release are in Git now, or nothing is left to hold. */
export async function forgetStopped(groups: Values, release: string): Promise<void> {
  const others = (await stoppedReleases(groups)).filter((entry) => entry.release !== release);
  await groups.values.put(key, JSON.stringify(others));
}

/** Takes those holds off the list that a release has lifted; a stopped release without any left is forgotten. */
export async function forgetHolds(groups: Values, isLifted: (hold: Hold) => boolean): Promise<void> {
  const kept = (await stoppedReleases(groups)).map((stopped) => ({
    ...stopped,
    holds: stopped.holds.filter((hold) => !isLifted(hold)),
  }));
  await groups.values.put(key, JSON.stringify(kept.filter(({ holds }) => holds.length > 0)));
}
