import { SluiceError } from "../../errors.ts";
import type { FluxJob, FluxResult } from "../../model/flux.ts";
import { parseImage } from "../../model/image.ts";
import type { PromotionView } from "../../model/views.ts";
import type { Client } from "../client.ts";
import { type ConnectionFlags, connectFlux } from "../connection.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { pick } from "../picker/pick.ts";
import { resultCells, resultHeading, resultLines } from "../show/flux-result.ts";
import type { OutputFlags } from "../show/output.ts";
import { inNamespace } from "../workload-name.ts";
import { awaitJob, deadlineOf, poll, promotionOf, type TimeoutFlags, tellLate } from "./await.ts";
import { type CauseFlags, causeOf } from "./cause.ts";
import { allWorkloads, type FluxUpdate, newestImages } from "./client.ts";
import { monitor } from "./monitor.ts";
import { checkJob, exitOf, showJob } from "./outcome.ts";

export interface FluxReleaseFlags extends ConnectionFlags, OutputFlags, CauseFlags, TimeoutFlags {
  readonly namespace?: string;
  readonly all?: boolean;
  readonly updateImage?: string;
  readonly updateAllImages?: boolean;
  readonly exclude?: readonly string[];
  readonly dryRun?: boolean;
  readonly interactive?: boolean;
  readonly force?: boolean;
  readonly watch?: boolean;
  readonly wait?: boolean;
  readonly verbose?: number;
}
type Connection = ReturnType<typeof connectFlux>;

/**
 * `release` as fluxctl does it in one environment: what it prints and in which order is fluxctl's; the exit code says
 * how it went.
 */
export async function fluxRelease(
  context: CliContext,
  flags: FluxReleaseFlags,
  environment: string,
  workloads: readonly string[],
): Promise<void> {
  checkFlags(context, flags, workloads);
  const cause = await causeOf(flags, context);
  const connection = connectFlux(flags, context, environment, cause.User);
  const { client, flux } = connection;
  const deadline = deadlineOf(flags, context);
  const planning = flags.dryRun || flags.interactive;
  context.err.write(planning ? "Submitting dry-run release ...\n" : "Submitting release ...\n");
  let id = await flux.update(askedFor(flags, workloads), cause);
  let job = await awaitJob(context, flux, id, deadline);
  if (job !== undefined && flags.interactive) {
    checkJob(job);
    const selected = await select(context, flags, job.Result?.result ?? {});
    if (selected === undefined) return;
    context.err.write("Submitting selected release ...\n");
    id = await flux.update(selected, cause);
    job = await awaitJob(context, flux, id, deadlineOf(flags, context));
  }
  if (job === undefined) return tellLate(context, client, id);
  await showJob(context, flags, id, job);
  if (job.Result?.revision === undefined || job.Result.revision === "") return context.finish(exitOf(job));
  await afterCommit(context, connection, flags, { id, job, deadline });
}

function checkFlags(context: CliContext, flags: FluxReleaseFlags, workloads: readonly string[]): void {
  const wrong = (message: string) =>
    new SluiceError("bad_request", message, {
      help: "For example: sluice release catalogue -e dev --update-all-images",
    });
  const { updateImage, updateAllImages, all, force } = flags;
  if (updateImage === undefined && !updateAllImages)
    throw wrong("please supply either --update-image=<image> or --update-all-images");
  if (updateImage !== undefined && updateAllImages)
    throw wrong("please supply only one of --update-image=<image> or --update-all-images");
  if (workloads.length === 0 && !all) throw wrong("please supply either --all, or at least one --workload=<workload>");
  if (workloads.length > 0 && all) throw wrong("please supply only one of --all or --workload=<workload>");
  if ((flags.watch || flags.wait) && flags.dryRun) throw wrong("cannot use --watch with --dry-run");
  if (force && all && updateAllImages)
    throw wrong("--force has no effect when used with --all and --update-all-images");
  if (force && all) context.err.write("Warning: --force will not ignore locked workloads when used with --all\n");
  else if (force && updateAllImages)
    context.err.write("Warning: --force will not ignore container image tags when used with --update-all-images\n");
  const image = updateImage === undefined ? undefined : parseImage(updateImage);
  if (updateImage !== undefined && image?.tag === undefined && image?.digest === undefined)
    throw wrong(
      image === undefined
        ? `--update-image ${updateImage}: this is no image`
        : `--update-image ${updateImage}: blank tag (if you want latest, explicitly state the tag :latest)`,
    );
}

function askedFor(flags: FluxReleaseFlags, workloads: readonly string[]): FluxUpdate {
  const { namespace, all, exclude = [] } = flags;
  return {
    type: "image",
    spec: {
      ServiceSpecs: all ? [allWorkloads] : workloads.map((name) => inNamespace(name, namespace)),
      ImageSpec: flags.updateImage ?? newestImages,
      Kind: flags.dryRun || flags.interactive ? "plan" : "execute",
      Excludes: exclude.map((name) => inNamespace(name, namespace)),
      Force: flags.force ?? false,
    },
  };
}

/** What a person chooses of a plan; undefined, with the exit code set, when that is nothing. */
async function select(
  context: CliContext,
  flags: FluxReleaseFlags,
  result: FluxResult,
): Promise<FluxUpdate | undefined> {
  const lines = resultLines(result, flags.verbose ?? 0);
  const rows = lines.map((line, index) => ({
    text: resultCells(line, lines[index - 1]),
    selectable: line.update !== undefined,
  }));
  const chosen = await pick(context, resultHeading, rows);
  if (chosen === undefined) return undefined;
  const updates = chosen.flatMap((index) => {
    const { workload, update } = lines[index]!;
    return update === undefined ? [] : [{ workload, update }];
  });
  const specs = Map.groupBy(updates, ({ workload }) => workload);
  const ContainerSpecs = Object.fromEntries(
    [...specs].map(([workload, own]) => [workload, own.map(({ update }) => update)]),
  );
  const spec = { Kind: "execute", ContainerSpecs, SkipMismatches: false, Force: flags.force ?? false } as const;
  return { type: "containers", spec };
}

interface Written {
  readonly id: string;
  readonly job: FluxJob;
  readonly deadline: number;
}

/** Waits for the commit to be applied and, when asked to watch, for its workloads. */
async function afterCommit(
  context: CliContext,
  { client, flux }: Connection,
  flags: FluxReleaseFlags,
  { id, job, deadline }: Written,
): Promise<void> {
  const view = await promotionOf(client, id);
  if (view !== undefined) context.err.write(`Release:\t${id}  ${client.server.url}/releases/${id}\n`);
  const commit = job.Result?.revision ?? "";
  const applied =
    reviewOf(view) ?? (await poll(context, deadline, () => appliedOrElsewhere(client, flux.environment, commit)));
  if (applied === "applied") context.err.write(`Commit applied:\t${commit.slice(0, 7)}\n`);
  else if (applied !== undefined) context.err.write(`Not applied yet: ${applied}\n`);
  else if (!flags.watch && !flags.wait) {
    context.err.write("The commit is pushed; it is not applied yet. ");
    return tellLate(context, client, id);
  }
  if (applied !== "applied" && !flags.watch && !flags.wait) return context.finish(exitCodes.waiting);
  if (flags.watch || flags.wait) await monitor(context, { client, flux }, flags, { id, job });
  else context.finish(exitOf(job));
}

/** Why a commit that waits for somebody to merge it is not applied, and what to do. */
function reviewOf(view: PromotionView | undefined): string | undefined {
  if (view?.releases.some(({ state }) => "step" in state && state.step === "in review") !== true) return undefined;
  const { text = "it waits for its review", next } = view.why ?? {};
  return next === undefined ? text : `${text}; ${next}`;
}

/** `applied`, or the server's words where the commit is on a branch that the environment does not apply. */
async function appliedOrElsewhere(client: Client, environment: string, commit: string): Promise<string | undefined> {
  try {
    return (await client.synced(environment, commit)).pending.length === 0 ? "applied" : undefined;
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === "not_found") return thrown.message;
    throw thrown;
  }
}
