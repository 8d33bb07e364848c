import type { FileProblem, Stage } from "./documents.ts";
import type { SluiceEvent } from "./event.ts";
import type { GateResult } from "./gate.ts";
import type { Version } from "./image.ts";
import type { FilePreview, Plan, PlanItem } from "./plan.ts";
import type { ChangeOutcome, Hold, Promotion, Release } from "./release.ts";
import type { EnvironmentReport, ObjectProblem } from "./report.ts";
import type { Source, Target } from "./source.ts";
import type { Verdict } from "./verdict.ts";
import type { WorkloadId } from "./workload.ts";

/** What the API answers, as page and command line read it. */

export interface EnvironmentView {
  readonly name: string;
  readonly cluster: string;
  readonly git: { readonly repository: string; readonly branch: string; readonly paths: readonly string[] };
  /** The stage that delivers here, where one does. */
  readonly stage?: { readonly pipeline: string; readonly stage: string };
  /** Head of its branch as the server last saw it. */
  readonly head?: string;
  readonly agent: { readonly connected: boolean; readonly lastSeenAt?: number };
  readonly attempted?: { readonly commit: string; readonly at: number };
  readonly applied?: { readonly commit: string; readonly at: number };
  /** What is wrong, with file and line where it stands in a file: Git's side, and the agent's. */
  readonly problems: readonly ObjectProblem[];
  /** Present while a prune waits for a person. */
  readonly prune?: EnvironmentReport["prune"];
  /** Set when the agent reads another place of Git than the document says. */
  readonly difference?: string;
}

export interface CellContainer {
  readonly container: string;
  readonly init: boolean;
  /** As written in Git, and its version. */
  readonly image: string;
  readonly version: Version;
  /** What the live object names, where that is something else. */
  readonly live?: string;
  readonly running: readonly { readonly image: string; readonly digest?: string; readonly pods: number }[];
  /** Newer images of the registry that the filter allows. */
  readonly behind?: number;
  readonly builtAt?: number;
  readonly revision?: string;
  /** What the stage's source offers and it does not have yet. */
  readonly next?: PlanItem;
}

/** One workload in one environment. */
export interface CellView {
  readonly environment: string;
  readonly workload: WorkloadId;
  readonly file: string;
  readonly line: number;
  readonly containers: readonly CellContainer[];
  /** `unknown` while the agent is away: `lastKnown` then says what was last seen. */
  readonly verdict: Verdict;
  readonly lastKnown?: Verdict;
  readonly drift: readonly { readonly field: string; readonly git: string; readonly live: string }[];
  readonly locked?: { readonly by?: string; readonly message?: string };
  readonly automated: boolean;
  /** Every policy as written in Git, by key without prefix: `automated`, `locked_msg`, `tag.web`, ... */
  readonly policy: Readonly<Record<string, string>>;
  readonly holds: readonly Hold[];
  /** The release that is changing it now. */
  readonly release?: string;
  /** When it last came to this version through a verified release or commit, in ms. */
  readonly verifiedAt?: number;
  readonly problem?: ObjectProblem;
}
export interface RowView {
  readonly id: WorkloadId;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly cells: Readonly<Record<string, CellView>>;
}
export interface MatrixView {
  /** In pipeline order. */
  readonly environments: readonly EnvironmentView[];
  readonly rows: readonly RowView[];
  readonly problems: readonly FileProblem[];
}

export interface StageView {
  readonly name: string;
  readonly environments: readonly string[];
  readonly order: Stage["order"];
  readonly promote: Stage["promote"];
  readonly sources: readonly Source[];
  /** What would move into the stage now, and what does not and why; one plan per environment from the first source. */
  readonly plans: readonly Plan[];
  /** The release under way here. */
  readonly underWay: readonly string[];
  readonly gates: readonly GateResult[];
}
export interface PipelineView {
  readonly name: string;
  readonly stages: readonly StageView[];
}

export interface PlanView {
  readonly target: Target;
  readonly source: Source;
  readonly plans: readonly (Plan & { readonly files: readonly FilePreview[] })[];
  readonly gates: readonly GateResult[];
  /** How releases will run: `sequence` writes the next commit when the one before is verified. */
  readonly order: "parallel" | "sequence";
}

export interface ReleaseChangeView {
  readonly workload: WorkloadId;
  readonly container: string;
  readonly from: Version;
  readonly to: Version;
  readonly outcome: ChangeOutcome;
  readonly verdict?: Verdict;
}
export interface ReleaseView extends Omit<Release, "changes"> {
  readonly changes: readonly ReleaseChangeView[];
}
/** Why something does not move or is not finished: one answer for page, command line and API. */
export interface Why {
  readonly text: string;
  readonly evidence: readonly { readonly label: string; readonly text: string }[];
  readonly next?: string;
  readonly who?: string;
  readonly until?: number;
}
export interface PromotionView {
  readonly promotion: Promotion;
  readonly releases: readonly ReleaseView[];
  readonly why?: Why;
  /** The promotion that took this one back. */
  readonly revertedBy?: string;
  readonly can: { readonly abort: boolean; readonly rollback: boolean };
  readonly events: readonly SluiceEvent[];
}
/** Answer of `why <environment or stage>/<workload>`, per environment and container. */
export interface WhyView {
  readonly environment: string;
  readonly workload: WorkloadId;
  readonly container: string;
  readonly version: Version;
  readonly could?: Version;
  readonly why: Why;
}

export interface ImageView {
  readonly tag: string;
  readonly digest: string;
  readonly createdAt?: number;
  readonly revision?: string;
  readonly source?: string;
  /** Environments that name this version. */
  readonly environments: readonly string[];
  /** Whether the container's filter allows it. */
  readonly allowed: boolean;
}
export interface ImagesView {
  readonly workload: WorkloadId;
  readonly container: string;
  readonly name: string;
  readonly images: readonly ImageView[];
  readonly problem?: string;
  readonly scannedAt?: number;
}
/** How far an environment's agent is on the way to a commit of its branch. */
export interface SyncView {
  /** The whole id of the commit asked about. */
  readonly ref: string;
  /** Commits up to it that the agent has not wholly applied, newest first; empty when it is applied. */
  readonly pending: readonly string[];
  /** Whether the agent has tried it or a later one; what could not be applied is in `problems`. */
  readonly tried: boolean;
  /** When it tried last, in ms, whatever commit that was. */
  readonly triedAt?: number;
  readonly problems: readonly ObjectProblem[];
  /** Whether the agent is here; if not, this is what it said last. */
  readonly connected: boolean;
}
export interface InfoView {
  readonly version: string;
  /** Set in the trial world: no token is needed on loopback. */
  readonly trial: boolean;
  readonly actor?: string;
  readonly now: number;
}
