import type { Release, ReleaseState, ReleaseWord } from "../../../../src/model/release.ts";

/** One stop of a release's way: passed, where it is now, where it ended, or still to come. */
export interface Stop {
  readonly word: string;
  readonly kind: "done" | "now" | "next" | "good" | "bad" | "ended";
  readonly at?: number;
  /** Until the next stop; for `now` it is still running. */
  readonly duration?: number;
  readonly commit?: string;
}

const way: readonly { step: ReleaseWord; word: string }[] = [
  { step: "planned", word: "Planned" },
  { step: "gated", word: "Gates" },
  { step: "queued", word: "Its turn" },
  { step: "writing", word: "Writing" },
  { step: "in review", word: "Review" },
  { step: "pushed", word: "Commit" },
  { step: "syncing", word: "Syncing" },
  { step: "rolling out", word: "Rolling out" },
  { step: "verifying", word: "Settling" },
  { step: "succeeded", word: "Verified" },
];
/** Stops that take no time of their own or that only some releases make: shown when they happened, not announced. */
const unannounced = new Set<ReleaseWord>(["queued", "writing", "in review"]);

function endKind(state: ReleaseState): Stop["kind"] {
  if (!("end" in state)) return "now";
  if (state.end === "succeeded") return "good";
  return state.end === "failed" ? "bad" : "ended";
}

/** The way of a release: the stops it made with times and durations, then those still before it. */
export function track(release: Pick<Release, "state" | "timeline">): Stop[] {
  const made = release.timeline.filter(
    (entry, index) => !(entry.step === "writing" && index < release.timeline.length - 1),
  );
  const stops = made.map((entry, index): Stop => {
    const next = made[index + 1];
    const known = way.find((stop) => stop.step === entry.step);
    return {
      word: known?.word ?? entry.step.charAt(0).toUpperCase() + entry.step.slice(1),
      kind: next === undefined ? endKind(release.state) : "done",
      at: entry.at,
      ...(next === undefined ? {} : { duration: next.at - entry.at }),
      ...(["pushed", "in review"].includes(entry.step) && entry.commit !== undefined ? { commit: entry.commit } : {}),
    };
  });
  if ("end" in release.state) return stops;
  const here = way.findIndex((stop) => stop.step === made.at(-1)?.step);
  const ahead = way.slice(here + 1).filter((stop) => !unannounced.has(stop.step));
  return [...stops, ...ahead.map((stop): Stop => ({ word: stop.word, kind: "next" }))];
}
