import type { GateResult } from "./gate.ts";
import type { Version } from "./image.ts";
import type { PlanReason } from "./plan.ts";
import type { Actor, Source, Target } from "./source.ts";
import type { Evidence } from "./verdict.ts";
import type { ContainerKey } from "./workload.ts";

/**
 * A release moves by small idempotent steps:
 *
 *   planned -> gated -> queued -> writing -> pushed -> syncing -> rolling out -> verifying -> (succeeded)
 *                                    \          /
 *                                     in review
 *
 * and ends in one of the ends. `gated` waits for gates, `queued` for its turn in a sequence, `in review` for somebody to
 * merge the branch that the environment wants its commits on. The union below is the drawing of it: a state that is not
 * here cannot be written.
 */
export type ReleaseState =
  | { readonly step: "planned" }
  | { readonly step: "gated"; readonly gates: readonly GateResult[] }
  | { readonly step: "queued"; readonly behind: string }
  /** `base` is the branch head seen before the first try: the search for an earlier try of ours starts after it. */
  | { readonly step: "writing"; readonly base: string }
  /** `commit` stands on `branch`, which is not the one the environment's agent applies. */
  | { readonly step: "in review"; readonly commit: string; readonly branch: string }
  /** From here on `commit` is one of the branch applied that holds the change. */
  | { readonly step: "pushed"; readonly commit: string }
  | { readonly step: "syncing"; readonly commit: string }
  | { readonly step: "rolling out"; readonly commit: string }
  | { readonly step: "verifying"; readonly commit: string }
  | { readonly end: "succeeded"; readonly commit: string }
  | {
      readonly end: "failed";
      readonly commit?: string;
      readonly reason: string;
      readonly evidence: readonly Evidence[];
    }
  | { readonly end: "superseded"; readonly commit?: string; readonly reason: string }
  /** `review` is what it left behind when it was stopped there: its commit is taken off the branch. */
  | {
      readonly end: "aborted";
      readonly commit?: string;
      readonly reason: string;
      readonly review?: { readonly commit: string; readonly branch: string };
    }
  | { readonly end: "rolled back"; readonly commit: string; readonly by: string }
  | { readonly end: "nothing to do"; readonly reason: string };

export type ReleaseWord =
  | Extract<ReleaseState, { step: string }>["step"]
  | Extract<ReleaseState, { end: string }>["end"];

/** The state's word, as people see it. */
export function stateWord(state: ReleaseState): ReleaseWord {
  return "step" in state ? state.step : state.end;
}
export function hasEnded(state: ReleaseState): state is Extract<ReleaseState, { end: string }> {
  return "end" in state;
}
/** The commit the release made, once it has one; while it is in review that of the review branch. */
export function commitOf(state: ReleaseState): string | undefined {
  return "commit" in state ? state.commit : undefined;
}
/** The commit that brought the release's changes to the branch applied; none while they are in review. */
export function writtenCommit(state: ReleaseState): string | undefined {
  return "step" in state && state.step === "in review" ? undefined : commitOf(state);
}

/** What became of one container of a release. */
export type ChangeOutcome =
  | { readonly kind: "pending" }
  | { readonly kind: "written" }
  | { readonly kind: "verified"; readonly at: number }
  /** `unwritten` where it could not even be written to Git; the other containers of the release go on. */
  | { readonly kind: "failed"; readonly reason: string; readonly unwritten?: true }
  | { readonly kind: "superseded"; readonly by: string }
  | { readonly kind: "same" };

export interface ReleaseChange extends ContainerKey {
  /** References as written in the target's Git when planned and as they are to be written. */
  readonly from: string;
  readonly to: string;
  readonly fromVersion: Version;
  readonly toVersion: Version;
  /** Rules that were broken for it. */
  readonly forced?: readonly PlanReason[];
  /** Set where a person goes back, or stays below a held version: the one that is held back as by a rollback. */
  readonly back?: Version;
  readonly outcome: ChangeOutcome;
}

/** One set of image changes to one environment, one commit. */
export interface Release {
  /** `r-7f3k/prod-eu` */
  readonly id: string;
  readonly promotion: string;
  readonly environment: string;
  /** Place in a sequence, from 0; all 0 when parallel. */
  readonly position: number;
  readonly state: ReleaseState;
  readonly changes: readonly ReleaseChange[];
  /** When each step was entered, in order. */
  readonly timeline: readonly { readonly step: ReleaseWord; readonly at: number; readonly commit?: string }[];
  /** Counts writes; a write with an old one is refused. */
  readonly revision: number;
}

/** The hold a release's commit places, kept as a commit trailer. */
export interface Hold extends ContainerKey {
  readonly environment: string;
  /** `*` keeps everything away (a pin); else that version and anything older. */
  readonly what: "*" | Version;
  readonly reason: string;
  /** Commit that carries the trailer; its time in ms. */
  readonly commit: string;
  readonly at: number;
  readonly by: string;
}

export type PromotionState =
  | "under way"
  | "waiting"
  | "succeeded"
  | "failed"
  | "aborted"
  | "superseded"
  | "nothing to do"
  | "rolled back";

/** Takes versions from a source to a target; owns one release per environment. */
export interface Promotion {
  /** `r-7f3k` */
  readonly id: string;
  readonly source: Source;
  readonly target: Target;
  readonly pipeline?: string;
  readonly stage?: string;
  readonly by: Actor;
  readonly message: string;
  readonly createdAt: number;
  readonly endedAt?: number;
  readonly state: PromotionState;
  /** Set when this promotion takes another one back. */
  readonly reverts?: string;
  /** Set when a rule was broken for it; each change names its own. */
  readonly forced?: true;
}
