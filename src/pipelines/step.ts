import type { GateResult } from "../model/gate.ts";
import type { ChangeOutcome, Release, ReleaseChange, ReleaseState } from "../model/release.ts";
import { commitOf, hasEnded } from "../model/release.ts";
import type { ObjectProblem } from "../model/report.ts";
import type { Evidence, Verdict } from "../model/verdict.ts";
import { isGood } from "../model/verdict.ts";

/** What is known of one changed container when a release is looked at. */
export interface ChangeFacts {
  /** What Git's head names now, and who wrote it when that is not this release. */
  readonly inGit: { readonly image: string; readonly by: string } | undefined;
  /** The live object's image and its workload's verdict, where the agent reported them. */
  readonly live: { readonly image: string; readonly running: readonly string[]; readonly verdict: Verdict } | undefined;
  readonly problem: ObjectProblem | undefined;
}
export interface ReleaseFacts {
  readonly now: number;
  readonly gates: readonly GateResult[];
  /** The release before it in a sequence that has not succeeded, or the reason it never will. */
  readonly behind: { readonly release: string } | { readonly broken: string } | undefined;
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
    case "pushed":
      return { do: "enter", state: { step: "syncing", commit: state.commit } };
    case "syncing":
    case "rolling out":
    case "verifying":
      return follow(release, state.commit, facts);
  }
}

function passGates(state: { readonly gates: readonly GateResult[] }, facts: ReleaseFacts): Decision {
  const refused = facts.gates.find((gate) => gate.state === "refused");
  if (refused !== undefined) return { do: "enter", state: { end: "failed", reason: refused.reason, evidence: [] } };
  if (facts.gates.every((gate) => gate.state === "open")) return takeTurn(undefined, facts);
  const same = JSON.stringify(state.gates) === JSON.stringify(facts.gates);
  return same ? { do: "wait" } : { do: "enter", state: { step: "gated", gates: facts.gates } };
}

function takeTurn(state: { readonly behind: string } | undefined, facts: ReleaseFacts): Decision {
  const { behind } = facts;
  if (behind === undefined) return { do: "write" };
  if ("broken" in behind) return { do: "enter", state: { end: "aborted", reason: behind.broken } };
  return state?.behind === behind.release
    ? { do: "wait" }
    : { do: "enter", state: { step: "queued", behind: behind.release } };
}

/** From the commit to verified: follows what Git's head says, what the agent tried, and what the pods do. */
function follow(release: Release, commit: string, facts: ReleaseFacts): Decision {
  const judged = release.changes.map((change) => judge(change, facts));
  const changes = release.changes.map((change, index) => ({ ...change, outcome: judged[index]!.outcome }));
  const changed = JSON.stringify(changes) !== JSON.stringify(release.changes);
  const enter = (state: ReleaseState): Decision => {
    const same = !("end" in state) && !("end" in release.state) && state.step === release.state.step;
    return same && !changed ? { do: "wait" } : { do: "enter", state, changes };
  };
  const open = judged.filter((entry) => entry.outcome.kind !== "superseded");
  if (open.length === 0) {
    const by = [...new Set(judged.map((entry) => (entry.outcome.kind === "superseded" ? entry.outcome.by : "")))].join(
      ", ",
    );
    return enter({ end: "superseded", commit, reason: `everything it changed was changed again by ${by}` });
  }
  const failure = open.find((entry) => entry.outcome.kind === "failed");
  if (failure?.outcome.kind === "failed")
    return enter({ end: "failed", commit, reason: failure.outcome.reason, evidence: failure.evidence });
  if (!facts.attempted) return enter({ step: "syncing", commit });
  if (open.every((entry) => entry.outcome.kind === "verified" || entry.outcome.kind === "same"))
    return enter({ end: "succeeded", commit });
  return enter({ step: open.every((entry) => entry.settling) ? "verifying" : "rolling out", commit });
}

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
  const { inGit, live, problem } = facts.changeFacts(change);
  if (change.outcome.kind === "same" || change.outcome.kind === "superseded") return done(change.outcome);
  if (inGit === undefined) return done({ kind: "superseded", by: "a commit that removed it" });
  if (inGit.image !== change.to) return done({ kind: "superseded", by: inGit.by });
  if (!facts.attempted) return { outcome: { kind: "written" }, settling: false, evidence: [] };
  if (problem !== undefined)
    return done({ kind: "failed", reason: `${change.workload} could not be applied: ${problem.message}` });
  if (live === undefined || live.image !== change.to)
    return { outcome: { kind: "written" }, settling: false, evidence: [] };
  const { verdict } = live;
  if (verdict.state === "failed")
    return done({ kind: "failed", reason: `${change.workload}: ${verdict.message}` }, verdict.evidence);
  if (isGood(verdict)) return done({ kind: "verified", at: facts.now });
  return { outcome: { kind: "written" }, settling: verdict.settlesAt !== undefined, evidence: [] };
}

/** Whether a release has written to Git. */
export function hasWritten(release: Release): boolean {
  return commitOf(release.state) !== undefined;
}
