import { z } from "zod";
import { imageRulesSchema, noImageRules } from "./documents.ts";
import { environmentReportSchema, workloadReportSchema } from "./report.ts";

/**
 * Frames between agent and server, JSON over one WebSocket the agent opens. Everything is keyed by environment. An
 * unknown frame is answered with `unsupported`, never fatal, so that either side may be newer.
 */
export const protocolVersion = 1;
/** Larger frames are refused by both sides. */
export const maxFrameBytes = 8 * 1024 * 1024;
/** An export goes in parts of this many UTF-16 units, so that a part fits a frame however it is escaped. */
export const exportPartLength = 256 * 1024;
/** A longer export is refused by both sides. */
export const maxExportLength = 64 * 1024 * 1024;

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
  /** A part of an export, from 0, sent in order; the text is whole after `parts`. */
  z.object({
    type: z.literal("exported"),
    id: z.string(),
    part: z.number().int().min(0),
    parts: z.number().int().min(1),
    text: z.string(),
  }),
  /** A wish with an id cannot be fulfilled, and why. */
  z.object({ type: z.literal("refused"), id: z.string(), message: z.string() }),
  z.object({ type: z.literal("unsupported"), frame: z.string() }),
]);
export type AgentFrame = z.infer<typeof agentFrameSchema>;

export const serverFrameSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("welcome"),
    protocol: z.number(),
    /** The document's settings for what an agent reports, per environment: how verdicts are reached (ms), where images stand. */
    settings: z.array(
      z.object({
        environment: z.string(),
        settle: z.number(),
        failAfter: z.number(),
        deadline: z.number(),
        images: imageRulesSchema.default(noImageRules),
      }),
    ),
  }),
  /** A wish: fetch and apply now. The agent reads Git by itself; nothing else is taken from the frame. */
  z.object({ type: z.literal("sync"), environment: z.string() }),
  /** A wish: send what runs in the environment's namespaces as YAML. Answered by `exported` or `refused` with the id. */
  z.object({ type: z.literal("export"), id: z.string(), environment: z.string() }),
  /** Send a full report again. */
  z.object({ type: z.literal("resend"), environment: z.string() }),
  z.object({ type: z.literal("unsupported"), frame: z.string() }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
