import { showDuration } from "../../model/duration.ts";
import { personName } from "../../model/identity.ts";
import { showVersion } from "../../model/image.ts";
import type { PromotionState } from "../../model/release.ts";
import { commitOf, hasEnded, stateWord } from "../../model/release.ts";
import type { Source, Target } from "../../model/source.ts";
import type { PromotionView, ReleaseChangeView, ReleaseView, Why } from "../../model/views.ts";
import { parseWorkloadId } from "../../model/workload.ts";
import type { Colour, Paint } from "./paint.ts";
import { lines } from "./table.ts";
import { clockTime, relative } from "./time.ts";
import { showVerdict } from "./verdict.ts";

const colours: Readonly<Record<PromotionState, Colour>> = {
  "under way": "blue",
  waiting: "amber",
  succeeded: "green",
  failed: "red",
  aborted: "amber",
  superseded: "grey",
  "nothing to do": "grey",
  "rolled back": "amber",
};

/** A source or target in a word. */
export function placeName(place: Source | Target): string {
  if (place.kind === "registry") return "registry";
  return place.kind === "environment" ? place.environment : place.stage;
}

/** Whether nothing of it will move any more. */
export function isOver(view: PromotionView): boolean {
  return view.promotion.state !== "under way" && view.promotion.state !== "waiting";
}

/** Who promoted what where, and how it stands. */
function promotionHeading({ promotion }: PromotionView, now: number, paint: Paint): string {
  const state = paint(colours[promotion.state], promotion.state);
  const took = promotion.endedAt === undefined ? "" : `, took ${showDuration(promotion.endedAt - promotion.createdAt)}`;
  const back = promotion.reverts === undefined ? "" : `  takes back ${promotion.reverts}`;
  const way = promotion.reverts === undefined ? `${placeName(promotion.source)} -> ` : "";
  return `${promotion.id}  ${way}${placeName(promotion.target)}  ${state}  by ${personName(promotion.by.name)}, ${relative(promotion.createdAt, now)}${took}${back}`;
}

/** Every release with its workloads, their progress and the evidence of trouble. */
export function promotionBlock(view: PromotionView, now: number, paint: Paint): string {
  const releases = view.releases.map((release) => {
    const changes = release.changes.map((change) => [
      `    ${changeName(change)}`,
      `${showVersion(change.from)} -> ${showVersion(change.to)}`,
      progressOf(change, release, paint),
    ]);
    return `  ${releaseLine(release, paint)}\n${lines(changes)}${evidenceLines(release)}`;
  });
  return `${promotionHeading(view, now, paint)}\n${releases.join("")}${whyLines(view.why, now)}`;
}

/** An environment's release in a line: its state, commit, and what it waits for. */
export function releaseLine(release: ReleaseView, paint: Paint): string {
  const { state } = release;
  const word = stateWord(state);
  const commit = commitOf(state);
  const colour: Colour =
    word === "succeeded" ? "green" : word === "failed" ? "red" : hasEnded(state) ? "amber" : "blue";
  const more =
    "behind" in state
      ? `  waits for ${state.behind.slice(state.behind.indexOf("/") + 1)}`
      : "branch" in state
        ? `  on ${state.branch}`
        : "reason" in state && state.reason !== ""
          ? `  ${state.reason}`
          : "by" in state
            ? `  by ${personName(state.by)}`
            : "";
  return `${release.environment}  ${paint(colour, word)}${commit === undefined ? "" : `  ${commit.slice(0, 7)}`}${more}`;
}

/** A change's workload by its short name, with the container where that is called otherwise. */
export function changeName(change: { readonly workload: string; readonly container: string }): string {
  const name = parseWorkloadId(change.workload)?.name ?? change.workload;
  return change.container === name ? name : `${name} (${change.container})`;
}

/** Whether what runs now is what the release wrote: before, verdicts tell of the version that is to go. */
export function isApplied(release: Pick<ReleaseView, "state">): boolean {
  const word = stateWord(release.state);
  return word === "rolling out" || word === "verifying";
}

/** How far one container has come. The reason of a failure stands at its release. */
export function progressOf(change: ReleaseChangeView, release: Pick<ReleaseView, "state">, paint: Paint): string {
  const { outcome, verdict } = change;
  if (outcome.kind === "verified") return paint("green", "✓ verified");
  if (outcome.kind === "failed") {
    const told = "reason" in release.state && release.state.reason.includes(outcome.reason);
    return `${paint("red", "✗ failed")}${told ? "" : `  ${outcome.reason}`}`;
  }
  if (outcome.kind === "superseded") return paint("grey", `taken over by ${outcome.by}`);
  if (outcome.kind === "same") return paint("grey", "= already there");
  if (outcome.kind === "pending") return paint("grey", "not written yet");
  return verdict === undefined || !isApplied(release) ? "written" : showVerdict(verdict, paint);
}

function evidenceLines(release: ReleaseView): string {
  const seen = new Set<string>();
  const ended = "evidence" in release.state ? release.state.evidence : [];
  for (const entry of [
    ...ended,
    ...(isApplied(release) ? release.changes.flatMap((change) => change.verdict?.evidence ?? []) : []),
  ])
    seen.add(`      ${entry.object}  ${entry.reason}${entry.message === "" ? "" : `: ${entry.message}`}\n`);
  return [...seen].join("");
}

/** Why it is not finished, or how it ended, with what can be done. */
export function whyLines(why: Why | undefined, now: number): string {
  if (why === undefined) return "";
  const until = why.until === undefined ? "" : ` (${relative(why.until, now)})`;
  const rows = [["  why", `${why.text}${until}`]];
  if (why.next !== undefined) rows.push(["  next", why.next]);
  if (why.who !== undefined && why.who !== "") rows.push(["  who", why.who]);
  return lines(rows);
}

/** The steps an environment's release went through, with the time each took. */
export function timeline(release: ReleaseView): string {
  const steps = release.timeline.map((entry, index) => {
    const before = release.timeline[index - 1];
    const when = before === undefined ? clockTime(entry.at) : `+${showDuration(entry.at - before.at)}`;
    return `${entry.step} ${when}`;
  });
  return `${release.environment}: ${steps.join(" > ")}`;
}
