import type { FileProblem, Stage } from "./documents.ts";
import type { SluiceEvent } from "./event.ts";
import type { GateResult } from "./gate.ts";
import type { Version } from "./image.ts";
import type { FilePreview, Plan, PlanItem, PlanReason } from "./plan.ts";
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

/** The tag filter of one container, and where it comes from. */
export interface FilterInForce {
  /** As written: `semver:~1.4`; absent where the ImagePolicy named is not in the environment's files. */
  readonly filter?: string;
  /** The ImagePolicy of Flux v2 that a marker names, `namespace:name`; without it an annotation says it. */
  readonly imagePolicy?: string;
  /** Why it cannot be used, so that nothing passes it. */
  readonly problem?: string;
}
export interface CellContainer {
  readonly container: string;
  readonly init: boolean;
  /** As written in Git, and its version. */
  readonly image: string;
  readonly version: Version;
  /** The tag filter in force; absent where every tag may come. */
  readonly filter?: FilterInForce;
  /** Why it can be seen but not changed in Git, and what to do about it. */
  readonly fixed?: string;
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
  /** What of it waits for somebody to merge its branch. */
  readonly inReview: readonly { readonly promotion: string; readonly environment: string; readonly branch: string }[];
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
  /** Rules that were broken for it. */
  readonly forced?: readonly PlanReason[];
  /** Where a person went back: the version left, which automation does not bring again. */
  readonly back?: Version;
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
  /** Whether the container's filter allows it in any environment. */
  readonly allowed: boolean;
  /** Environments whose filter leaves it out. */
  readonly refusedIn: readonly string[];
}
/** A tag filter in the environments that agree on it; without a `filter` and an `imagePolicy` every tag may come. */
export interface FilterView extends FilterInForce {
  readonly environments: readonly string[];
}
/** Images of one name that a container could have. */
export interface ImagesView {
  readonly workload: WorkloadId;
  readonly container: string;
  readonly name: string;
  readonly images: readonly ImageView[];
  readonly filters: readonly FilterView[];
  /** The worst of what is wrong, for people. */
  readonly problem?: string;
  /** Why the last scan failed: the images are those of the one before. */
  readonly scanProblem?: string;
  /** Present while the list lost so many tags at once that automation does not go by it; who can accept it. */
  readonly tagsMissing?: { readonly text: string; readonly who: string };
  /** Tags that cannot be read and are passed over, the newest first as far as their names tell. */
  readonly unreadable: readonly { readonly tag: string; readonly reason: string }[];
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
