import { z } from "zod";
import { gitLocationSchema } from "./documents.ts";
import { verdictSchema } from "./verdict.ts";

/** What really runs in one container: image references and digests of its pods, with how many pods run each. */
const runningSchema = z.object({ image: z.string(), digest: z.string().optional(), pods: z.number() });

export const workloadReportSchema = z.object({
  id: z.string(),
  verdict: verdictSchema,
  containers: z.array(
    z.object({
      container: z.string(),
      /** The reference in the live object's spec. */
      image: z.string(),
      running: z.array(runningSchema),
    }),
  ),
  /** Fields whose live value differs from Git, as `path: Git value, live value`. */
  drift: z.array(z.object({ field: z.string(), git: z.string(), live: z.string() })),
});
export type WorkloadReport = z.infer<typeof workloadReportSchema>;

/** An object or file that could not be read, rendered, applied or pruned. */
export const objectProblemSchema = z.object({
  file: z.string().optional(),
  line: z.number().optional(),
  object: z.string().optional(),
  message: z.string(),
});
export type ObjectProblem = z.infer<typeof objectProblemSchema>;

/** Everything an agent knows of one environment. */
export const environmentReportSchema = z.object({
  environment: z.string(),
  /** Where this agent was told to read Git: its own configuration, compared with the document by the server. */
  git: gitLocationSchema,
  at: z.number(),
  /** The commit last tried, and the last one of which every object was applied. */
  attempted: z.object({ commit: z.string(), at: z.number() }).optional(),
  applied: z.object({ commit: z.string(), at: z.number() }).optional(),
  objects: z.number(),
  problems: z.array(objectProblemSchema),
  workloads: z.array(workloadReportSchema),
  /** Present while a prune waits for a person's confirmation. */
  prune: z.object({ hash: z.string(), objects: z.array(z.string()), of: z.number(), since: z.number() }).optional(),
});
export type EnvironmentReport = z.infer<typeof environmentReportSchema>;
