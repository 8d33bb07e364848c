import type { Promotion, PromotionState, Release, ReleaseState } from "../model/release.ts";
import { hasEnded } from "../model/release.ts";

/** The ends from the gravest to the best: a promotion ends as its gravest release. */
const gravity = ["failed", "aborted", "rolled back", "superseded", "succeeded", "nothing to do"] as const;

/** What a promotion is, read from its releases. */
export function promotionState(releases: readonly Release[]): PromotionState {
  if (releases.some((release) => !hasEnded(release.state)))
    return releases.some(waitsForPeople) ? "waiting" : "under way";
  const ends = new Set(releases.map((release) => (release.state as Extract<ReleaseState, { end: string }>).end));
  return gravity.find((end) => ends.has(end)) ?? "nothing to do";
}

/** A gate that is open keeps nobody waiting: `gated` is then passed at once. */
function waitsForPeople({ state }: Release): boolean {
  if (!("step" in state)) return false;
  return state.step === "in review" || (state.step === "gated" && state.gates.some((gate) => gate.state !== "open"));
}

/** The promotion with its state and end brought up to date; the same object when nothing changed. */
export function settlePromotion(promotion: Promotion, releases: readonly Release[], now: number): Promotion {
  const state = promotionState(releases);
  const ended = releases.every((release) => hasEnded(release.state));
  if (promotion.state === state && (promotion.endedAt !== undefined) === ended) return promotion;
  const { endedAt: _, ...rest } = promotion;
  return { ...rest, state, ...(ended ? { endedAt: promotion.endedAt ?? now } : {}) };
}
