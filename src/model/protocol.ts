import { z } from "zod";
import { environmentReportSchema, workloadReportSchema } from "./report.ts";

/**
 * Frames between agent and server, JSON over one WebSocket the agent opens. Everything is keyed by environment. An
 * unknown frame is answered with `unsupported`, never fatal, so that either side may be newer.
 */
export const protocolVersion = 1;
/** Larger frames are refused by both sides. */
export const maxFrameBytes = 8 * 1024 * 1024;

export const agentFrameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("hello"), protocol: z.number(), version: z.string(), environments: z.array(z.string()) }),
  /** Everything; sent after hello and whenever more changed than a delta should carry. */
  z.object({ type: z.literal("report"), report: environmentReportSchema }),
  /** The report without workloads plus those that changed or went since the last frame. */
  z.object({
    type: z.literal("delta"),
    report: environmentReportSchema.omit({ workloads: true }),
    changed: z.array(workloadReportSchema),
    gone: z.array(z.string()),
  }),
  z.object({ type: z.literal("unsupported"), frame: z.string() }),
]);
export type AgentFrame = z.infer<typeof agentFrameSchema>;

export const serverFrameSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("welcome"),
    protocol: z.number(),
    /** How verdicts are reached, per environment: the document's health settings in ms. */
    settings: z.array(
      z.object({ environment: z.string(), settle: z.number(), failAfter: z.number(), deadline: z.number() }),
    ),
  }),
  /** A wish: fetch and apply now. The agent reads Git by itself; nothing else is taken from the frame. */
  z.object({ type: z.literal("sync"), environment: z.string() }),
  /** Send a full report again. */
  z.object({ type: z.literal("resend"), environment: z.string() }),
  z.object({ type: z.literal("unsupported"), frame: z.string() }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
