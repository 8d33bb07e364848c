import type { FluxJob, FluxWorkload } from "../../model/flux.ts";
import type { PromotionView } from "../../model/views.ts";
import type { Client } from "../client.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { rolloutTable } from "../show/flux-workloads.ts";
import { isOver, whyLines } from "../show/promotion.ts";
import { poll, tellLate } from "./await.ts";
import type { FluxClient } from "./client.ts";

interface MonitorFlags {
  readonly timeout?: number;
  readonly verbose?: number;
}

/**
 * Shows the workloads of a release until it has ended; what it ended with is what Sluice verified, not the state that
 * some pods were in meanwhile. `--timeout` bounds it.
 */
export async function monitor(
  context: CliContext,
  { client, flux }: { readonly client: Client; readonly flux: FluxClient },
  flags: MonitorFlags,
  { id, job }: { readonly id: string; readonly job: FluxJob },
): Promise<void> {
  context.err.write("Monitoring rollout ...\n");
  const workloads = Object.entries(job.Result?.result ?? {}).flatMap(([workload, { Status }]) =>
    Status === "success" ? [workload] : [],
  );
  const deadline = flags.timeout === undefined ? Number.POSITIVE_INFINITY : context.now() + flags.timeout;
  let told = "";
  const view = await poll(context, deadline, async () => {
    const [promotion, seen] = await Promise.all([client.promotion(id), flux.workloadsNamed(workloads)]);
    const table = rolloutTable(seen, flags.verbose ?? 0);
    if (table !== told) context.out.write(table);
    told = table;
    return isOver(promotion) ? { promotion, seen } : undefined;
  });
  if (view === undefined) return tellLate(context, client, id);
  conclude(context, view.promotion, view.seen);
}

function conclude(context: CliContext, view: PromotionView, workloads: readonly FluxWorkload[]): void {
  const { state } = view.promotion;
  if (state === "succeeded" || state === "nothing to do") {
    context.err.write("All workloads ready.\n");
    return context.finish(exitCodes.done);
  }
  const troubled = workloads.filter(({ Rollout }) => Rollout.Messages !== undefined && Rollout.Messages !== null);
  for (const { ID, Rollout } of troubled) {
    context.err.write(`There was a problem releasing ${ID}:\n`);
    for (const message of Rollout.Messages ?? []) context.err.write(`${message}\n`);
  }
  context.err.write(`${view.promotion.id} ${state}\n${whyLines(view.why, context.now())}`);
  context.finish(exitCodes.failed);
}
