import { SluiceError } from "../../errors.ts";
import type { FluxJob, FluxResult, FluxWorkloadResult } from "../../model/flux.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { type ResultLine, resultLines, resultTable } from "../show/flux-result.ts";
import { type OutputFlags, print } from "../show/output.ts";

/** The table of a job that has ended, and its commit; throws what it failed with. */
export async function showJob(
  context: CliContext,
  flags: OutputFlags & { readonly verbose?: number },
  id: string,
  job: FluxJob,
): Promise<void> {
  const result = job.Result?.result ?? undefined;
  const verbosity = flags.verbose ?? 0;
  const told = result === undefined || saysOnly(job.Err, resultLines(result, verbosity));
  await print(
    context,
    flags.output,
    { id, ...job },
    {
      table: () => (told ? "" : resultTable(result, verbosity)),
      names: () => Object.keys(result ?? {}).filter((workload) => result?.[workload]?.Status === "success"),
    },
  );
  checkJob(job);
  const revision = job.Result?.revision ?? "";
  if (revision !== "") context.err.write(`Commit pushed:\t${revision.slice(0, 7)}\n`);
  if (result === undefined) context.err.write("Nothing to do\n");
  else tellHidden(context, result, flags);
}

/** Whether the table of a job that failed would say nothing but its error, which is told anyway. */
function saysOnly(error: string, lines: readonly ResultLine[]): boolean {
  return error !== "" && lines.every(({ text, update }) => update === undefined && error.endsWith(text));
}

/** A table with nothing in it must not be all that a person learns. */
function tellHidden(context: CliContext, result: FluxResult, flags: OutputFlags & { readonly verbose?: number }): void {
  const entries = Object.values(result);
  const verbosity = flags.verbose ?? 0;
  if (flags.output !== "table" || entries.length === 0 || resultLines(result, verbosity).length > 0) return;
  const skipped = entries.filter(({ Status }) => Status === "skipped").length;
  const rest = entries.length - skipped;
  const counted = [...(skipped > 0 ? [`${skipped} skipped`] : []), ...(rest > 0 ? [`${rest} ignored`] : [])];
  context.err.write(`Nothing changes: ${counted.join(", ")}; ${skipped > 0 ? "-v" : "-vv"} shows why\n`);
}

/** Throws what a job ended with, unless it ended well. A lock in the way of what was named is a refusal. */
export function checkJob(job: FluxJob): void {
  if (job.Err === "") return;
  const locked = resultsOf(job).some(({ Status, Error: reason }) => Status === "skipped" && reason === "locked");
  throw new SluiceError(locked ? "refused" : "conflict", job.Err, { help: "Nothing was written." });
}

/** How a job went that ended well: what failed of it counts. */
export function exitOf(job: FluxJob): number {
  return resultsOf(job).some(({ Status }) => Status === "failed") ? exitCodes.failed : exitCodes.done;
}
function resultsOf(job: FluxJob): readonly FluxWorkloadResult[] {
  return Object.values(job.Result?.result ?? {});
}
