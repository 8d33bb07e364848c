import type { Version } from "./image.ts";
import type { Source } from "./source.ts";
import type { WorkloadId } from "./workload.ts";

/**
 * What would happen to one container. `change` moves; everything else stays, and says why.
 * - `same`: already at that version
 * - `waiting`: will be possible later (not verified upstream yet, a release under way)
 * - `refused`: a rule forbids it (locked, held, older for automation, filtered), or its file cannot be edited in place
 * - `absent`: not in the target, or not in the source
 */
export type PlanStatus = "change" | "same" | "waiting" | "refused" | "absent";

export type PlanReason =
  | "up_to_date"
  | "locked"
  | "ignored"
  | "held"
  | "older"
  | "filtered"
  | "tags_missing"
  | "not_verified"
  | "no_image_data"
  | "not_in_target"
  | "not_in_source"
  | "other_image"
  | "image_not_used"
  | "mismatch"
  | "tag_moved"
  | "file_broken"
  | "not_editable"
  | "under_way"
  | "not_an_image"
  | "other_source"
  | "needs_digest";

export interface PlanItem {
  readonly workload: WorkloadId;
  readonly container: string;
  readonly status: PlanStatus;
  /** References as written in the target's Git; `to` as it would be written. */
  readonly from?: string;
  readonly to?: string;
  readonly fromVersion?: Version;
  readonly toVersion?: Version;
  /** The rule or fact behind every status but `change`. */
  readonly reason?: PlanReason;
  /** The reason as a sentence for people; says who can lift it where somebody can. */
  readonly text?: string;
  /** Who can act on it. */
  readonly who?: string;
  /** A newer tag that was passed over because it cannot be read, and why; part of `text`. */
  readonly note?: string;
  /** Rules that would have refused the change, had it not been forced. */
  readonly forced?: readonly PlanReason[];
  /** Set where a person goes back, or stays below a held version: the one that automation does not bring again. */
  readonly back?: Version;
  /** Number of catalogued versions between `from` and `to`. */
  readonly behind?: number;
  /** Source commit and subject of the new image's labels, where known. */
  readonly revision?: string;
  readonly builtAt?: number;
  readonly file?: string;
}

/**
 * The exact changes a release would make to one environment. Dry run, commit text, table, notification and page are
 * renderings of this one value.
 */
export interface Plan {
  readonly environment: string;
  /** The commit of the environment's branch the plan was made against. */
  readonly commit: string;
  readonly source: Source;
  readonly items: readonly PlanItem[];
}

/** One file's edit as the preview shows it. */
export interface FilePreview {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** The items a plan would change. */
export function changesOf(plan: Plan): readonly PlanItem[] {
  return plan.items.filter((item) => item.status === "change");
}
