import { z } from "zod";

/**
 * - `healthy`: the strict verdict held for the settle time
 * - `applied`: nothing to observe (ConfigMap, a CronJob that never ran); enough for verification, not called healthy
 * - `rolling out`: progress is being made, or ready and settling; may carry trouble that is not a failure yet
 * - `failed`: trouble that lasted, or no progress within the deadline
 * - `missing`: Git names it, the cluster does not have it
 * - `unknown`: nobody looked (the agent is away)
 */
export const verdictStateSchema = z.enum(["healthy", "applied", "rolling out", "failed", "missing", "unknown"]);
export type VerdictState = z.infer<typeof verdictStateSchema>;

/** What was seen: a pod's state, a condition, an event. `since` is when it was first seen, in ms. */
export const evidenceSchema = z.object({
  object: z.string(),
  reason: z.string(),
  message: z.string(),
  since: z.number(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const verdictSchema = z.object({
  state: verdictStateSchema,
  /** One sentence for people. */
  message: z.string(),
  /** When this state began, in ms. */
  since: z.number(),
  desired: z.number(),
  updated: z.number(),
  ready: z.number(),
  available: z.number(),
  evidence: z.array(evidenceSchema),
  /** While settling: when it will count as healthy. While in trouble: when it will count as failed. */
  settlesAt: z.number().optional(),
  failsAt: z.number().optional(),
});
export type Verdict = z.infer<typeof verdictSchema>;

/** Whether a verdict is good enough for the next stage. */
export function isGood(verdict: Pick<Verdict, "state">): boolean {
  return verdict.state === "healthy" || verdict.state === "applied";
}
