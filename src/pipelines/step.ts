import { isDeepStrictEqual } from "node:util";
import type { GateResult } from "../model/gate.ts";
import type { ChangeOutcome, Release, ReleaseChange, ReleaseState } from "../model/release.ts";
import { hasEnded, writtenCommit } from "../model/release.ts";
import type { ObjectProblem } from "../model/report.ts";
import type { Evidence, Verdict } from "../model/verdict.ts";
import { isGood } from "../model/verdict.ts";

/** What is known of one changed container when a release is looked at. */
export interface ChangeFacts {
  /** What Git's head names now, and who wrote it when that is not this release. Undefined: Git has no such container. */
  readonly inGit: { readonly image: string; readonly by: string } | undefined;
  /** Why Git's head does not tell what it names: a file of the environment cannot be read there. */
  readonly unreadable?: string | undefined;
  /** The live object's image and its workload's verdict, where the agent reported them. */
  readonly live: { readonly image: string; readonly running: readonly string[]; readonly verdict: Verdict } | undefined;
  readonly problem: ObjectProblem | undefined;
}
/** How a commit fares that waits for review on a branch of its own. */
export type ReviewFacts =
  /** `overtaken` names who changed a container again on the review branch. */
  | { readonly kind: "open"; readonly overtaken: (change: ReleaseChange) => string | undefined }
  /** The branch applied names what the release wrote; `commit` is one of it that does. */
  | { readonly kind: "merged"; readonly commit: string }
  | { readonly kind: "gone"; readonly reason: string };
export interface ReleaseFacts {
  readonly now: number;
  readonly gates: readonly GateResult[];
  /** The release before it in a sequence that has not succeeded, or the reason it never will. */
  readonly behind: { readonly release: string } | { readonly broken: string } | undefined;
  /** Of a release in review only. */
  readonly review?: ReviewFacts | undefined;
  /** Whether the agent has tried a commit that contains ours. */
  readonly attempted: boolean;
  readonly changeFacts: (change: ReleaseChange) => ChangeFacts;
}
export type Decision =
  | { readonly do: "enter"; readonly state: ReleaseState; readonly changes?: readonly ReleaseChange[] }
  | { readonly do: "write" }
  | { readonly do: "wait" };

/**
 * What a release does next: one step of the drawing in model/release.ts. Pure; the engine carries it out and asks
 * again until it answers `wait` or the release has ended.
 */
export function nextStep(release: Release, facts: ReleaseFacts): Decision {
  const { state } = release;
  if (hasEnded(state)) return { do: "wait" };
  switch (state.step) {
    case "planned":
      return { do: "enter", state: { step: "gated", gates: facts.gates } };
    case "gated":
      return passGates(state, facts);
    case "queued":
      return takeTurn(state, facts);
    case "writing":
      return { do: "write" };
    case "in review":
      return facts.review === undefined ? { do: "wait" } : awaitReview(release, state, facts.review);
    case "pushed":
      return { do: "enter", state: { step: "syncing", commit: state.commit } };
    case "syncing":
    case "rolling out":
    case "verifying":
      return follow(release, state, facts);
  }
}

/** The gates once more, whatever they said before: they may have closed while a release waited for its turn. */
function passGates(state: { readonly gates: readonly GateResult[] } | undefined, facts: ReleaseFacts): Decision {
  const refused = facts.gates.find((gate) => gate.state === "refused");
  if (refused !== undefined) return { do: "enter", state: { end: "failed", reason: refused.reason, evidence: [] } };
  if (facts.gates.every((gate) => gate.state === "open")) return takeTurn(undefined, facts);
  const same = state !== undefined && isDeepStrictEqual(state.gates, facts.gates);
  return same ? { do: "wait" } : { do: "enter", state: { step: "gated", gates: facts.gates } };
}

function takeTurn(state: { readonly behind: string } | undefined, facts: ReleaseFacts): Decision {
  const { behind } = facts;
  if (behind === undefined) return state === undefined ? { do: "write" } : passGates(undefined, facts);
  if ("broken" in behind) return { do: "enter", state: { end: "aborted", reason: behind.broken } };
  return state?.behind === behind.release
    ? { do: "wait" }
    : { do: "enter", state: { step: "queued", behind: behind.release } };
}

/** Until the branch applied has it. What is changed again on the review branch will never come to it. */
function awaitReview(
  release: Release,
  state: Extract<ReleaseState, { step: "in review" }>,
  review: ReviewFacts,
): Decision {
  if (review.kind === "merged") return { do: "enter", state: { step: "pushed", commit: review.commit } };
  if (review.kind === "gone")
    return { do: "enter", state: { end: "aborted", reason: review.reason }, changes: withdrawn(release.changes) };
  const changes = release.changes.map((change): ReleaseChange => {
    const by = change.outcome.kind === "written" ? review.overtaken(change) : undefined;
    return by === undefined ? change : { ...change, outcome: { kind: "superseded", by } };
  });
  if (isDeepStrictEqual(changes, release.changes)) return { do: "wait" };
  if (changes.some(({ outcome }) => outcome.kind === "written")) return { do: "enter", state: { ...state }, changes };
  return { do: "enter", state: { end: "superseded", reason: supersededReason(changes) }, changes };
}

/** The changes of a release whose commit never came to the branch applied: nothing of them is written any more. */
export function withdrawn(changes: readonly ReleaseChange[]): ReleaseChange[] {
  return changes.map((change) =>
    change.outcome.kind === "written" ? { ...change, outcome: { kind: "pending" } } : change,
  );
}

function supersededReason(changes: readonly ReleaseChange[]): string {
  const takers = changes.flatMap(({ outcome }) => (outcome.kind === "superseded" ? [outcome.by] : []));
  return `everything it changed was changed again by ${[...new Set(takers)].join(", ")}`;
}

/** From the commit to verified: follows what Git's head says, what the agent tried, and what the pods do. */
function follow(release: Release, state: FollowedState, facts: ReleaseFacts): Decision {
  const { commit } = state;
  const judged = release.changes.map((change) => judge(change, facts));
  const changes = release.changes.map((change, index) => ({ ...change, outcome: judged[index]!.outcome }));
  const changed = !isDeepStrictEqual(changes, release.changes);
  const enter = (next: ReleaseState): Decision => {
    const stays = "step" in next && next.step === state.step;
    return stays && !changed ? { do: "wait" } : { do: "enter", state: next, changes };
  };
  const open = judged.filter((entry) => entry.outcome.kind !== "superseded");
  if (open.length === 0) return enter({ end: "superseded", commit, reason: supersededReason(changes) });
  const failure = open.find((entry) => entry.outcome.kind === "failed" && entry.outcome.unwritten !== true);
  if (failure?.outcome.kind === "failed")
    return enter({ end: "failed", commit, reason: failure.outcome.reason, evidence: failure.evidence });
  // An agent that has gone away has still tried the commit: a release never seems to begin anew.
  if (!facts.attempted) return enter({ step: state.step, commit });
  if (open.every((entry) => isDone(entry.outcome))) {
    const { outcome } = open.find((entry) => entry.outcome.kind === "failed") ?? {};
    if (outcome?.kind === "failed") return enter({ end: "failed", commit, reason: outcome.reason, evidence: [] });
    return enter({ end: "succeeded", commit });
  }
  return enter({ step: open.every((entry) => entry.settling) ? "verifying" : "rolling out", commit });
}

/** Nothing more will come of it; what could not be written fails its release when the others are through. */
function isDone(outcome: ChangeOutcome): boolean {
  return outcome.kind === "verified" || outcome.kind === "same" || outcome.kind === "failed";
}

type FollowedState = Extract<ReleaseState, { step: "syncing" | "rolling out" | "verifying" }>;

interface Judged {
  readonly outcome: ChangeOutcome;
  readonly settling: boolean;
  readonly evidence: readonly Evidence[];
}

function judge(change: ReleaseChange, facts: ReleaseFacts): Judged {
  const done = (outcome: ChangeOutcome, evidence: readonly Evidence[] = []): Judged => ({
    outcome,
    settling: true,
    evidence,
  });
  const rolling = (settling: boolean): Judged => ({ outcome: { kind: "written" }, settling, evidence: [] });
  const before = change.outcome;
  if (before.kind === "same" || before.kind === "superseded" || (before.kind === "failed" && before.unwritten === true))
    return done(before);
  const { inGit, unreadable, live, problem } = facts.changeFacts(change);
  if (inGit === undefined && unreadable === undefined)
    return done({ kind: "superseded", by: "a commit that removed it" });
  if (inGit !== undefined && inGit.image !== change.to) return done({ kind: "superseded", by: inGit.by });
  if (!facts.attempted) return change.outcome.kind === "verified" ? done(change.outcome) : rolling(false);
  if (problem !== undefined)
    return done({ kind: "failed", reason: `${change.workload} could not be applied: ${problem.message}` });
  if (live === undefined || live.image !== change.to) return rolling(false);
  const { verdict } = live;
  if (verdict.state === "failed")
    return done({ kind: "failed", reason: `${change.workload}: ${verdict.message}` }, verdict.evidence);
  if (!isGood(verdict)) return rolling(verdict.settlesAt !== undefined);
  // The moment it was verified stays: looking again must not change what is written down.
  return done(change.outcome.kind === "verified" ? change.outcome : { kind: "verified", at: facts.now });
}

/** Whether a release has written to the branch its environment applies. */
export function hasWritten({ state }: Pick<Release, "state">): boolean {
  return writtenCommit(state) !== undefined;
}

/** Whether a release has put a container's new image into Git itself. */
export function wasWritten({ outcome }: ReleaseChange): boolean {
  return outcome.kind === "written" || outcome.kind === "verified" || (outcome.kind === "failed" && !outcome.unwritten);
}
