import { z } from "zod";
import type { Actor } from "./source.ts";
import type { WorkloadId } from "./workload.ts";

/**
 * What shall change about what may happen to a workload by itself, in Flux v1's keys without their prefix: `automated`,
 * `locked`, `locked_user`, `locked_msg`, `ignore`, `tag.<container>`, and `tag_all` for every container. Taking a key
 * away wins over setting it in the same update.
 */
export const policyUpdateSchema = z.strictObject({
  workload: z.string().min(1),
  add: z.record(z.string(), z.string()).default({}),
  remove: z.array(z.string()).default([]),
});
export type PolicyUpdate = z.infer<typeof policyUpdateSchema>;

/** What became of one update. `skipped`: Git says so already. */
export interface PolicyOutcome {
  readonly workload: WorkloadId;
  readonly status: "success" | "skipped" | "failed";
  /** Why it failed or was skipped, for people. */
  readonly text?: string;
}

/**
 * A change of policies of one environment: one commit. `queued -> writing -> succeeded | nothing to do | failed`;
 * `base` is the branch head seen before the first try, so that a commit of an earlier try is found. `trouble` is
 * why Git could not be read or written the last time; it is tried again. `branch` is where the commit waits for review,
 * where the environment wants that: it counts once it is merged.
 */
export type PolicyChangeState =
  | { readonly step: "queued"; readonly trouble?: string }
  | { readonly step: "writing"; readonly base: string; readonly trouble?: string }
  | {
      readonly end: "succeeded";
      readonly commit: string;
      readonly branch?: string;
      readonly outcomes: readonly PolicyOutcome[];
    }
  | { readonly end: "nothing to do"; readonly outcomes: readonly PolicyOutcome[] }
  | { readonly end: "failed"; readonly reason: string; readonly outcomes: readonly PolicyOutcome[] };

export interface PolicyChange {
  /** `c-7f3k` */
  readonly id: string;
  readonly environment: string;
  readonly by: Actor;
  readonly message: string;
  readonly createdAt: number;
  readonly endedAt?: number;
  readonly updates: readonly PolicyUpdate[];
  readonly state: PolicyChangeState;
  /** Counts writes; a write with an old one is refused. */
  readonly revision: number;
}
