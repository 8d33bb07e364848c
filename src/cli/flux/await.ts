import { setTimeout as pause } from "node:timers/promises";
import type { FluxJob } from "../../model/flux.ts";
import type { PromotionView } from "../../model/views.ts";
import { duration } from "../arguments/parse.ts";
import type { Client } from "../client.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { whyLines } from "../show/promotion.ts";
import type { FluxClient } from "./client.ts";

export interface TimeoutFlags {
  readonly timeout?: number;
}
export const timeoutFlags = {
  timeout: {
    kind: "parsed",
    parse: duration,
    placeholder: "TIME",
    optional: true,
    brief: "How long to wait (60s); exit 4 when it is over",
  },
} as const;

const waitMs = 60_000;
const firstMs = 50;
const longestMs = 1_000;

/** When the waiting ends, in ms. */
export function deadlineOf(flags: TimeoutFlags, context: Pick<CliContext, "now">): number {
  return context.now() + (flags.timeout ?? waitMs);
}

/** Looks again and again, less and less often, until there is an answer; undefined when the time is over. */
export async function poll<T>(
  context: Pick<CliContext, "now">,
  deadline: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (let wait = firstMs; ; wait = Math.min(wait * 2, longestMs)) {
    const found = await look();
    if (found !== undefined) return found;
    const left = deadline - context.now();
    if (left <= 0) return undefined;
    await pause(Math.min(wait, left));
  }
}

/** A job that has ended, well or badly; undefined when the time is over. */
export function awaitJob(
  context: Pick<CliContext, "now">,
  flux: FluxClient,
  id: string,
  deadline: number,
): Promise<FluxJob | undefined> {
  return poll(context, deadline, async () => {
    const job = await flux.job(id);
    return job.StatusString === "succeeded" || job.StatusString === "failed" ? job : undefined;
  });
}

/** The promotion behind a job, where one is: `sluice releases`, `rollback` and `abort` take its id. */
export async function promotionOf(client: Client, job: string): Promise<PromotionView | undefined> {
  return job.startsWith("r-") ? client.promotion(job) : undefined;
}

/** Says what a change waits for whose time is over, and how to look again. */
export async function tellLate(context: CliContext, client: Client, job: string): Promise<void> {
  const view = await promotionOf(client, job);
  context.err.write("We timed out waiting; it goes on without you.\n");
  if (view !== undefined) {
    context.err.write(whyLines(view.why, context.now()));
    context.err.write(`Look again: sluice releases ${job} --watch\n`);
  }
  context.finish(exitCodes.waiting);
}
