import { SluiceError } from "../errors.ts";
import { changesOf } from "../model/plan.ts";
import type { PlanView, PromotionView } from "../model/views.ts";
import { flag, named } from "./arguments/flags.ts";
import type { Client, PromotionRequest, Selected } from "./client.ts";
import { type CliContext, exitCodes } from "./context.ts";
import { checkFollow, type FollowFlags, follow, followFlags } from "./follow.ts";
import { pick } from "./picker/pick.ts";
import { planHeading, planRows } from "./picker/plan-rows.ts";
import { type OutputFlags, outputFlags, print } from "./show/output.ts";
import { painter } from "./show/paint.ts";
import { showPlan } from "./show/plan.ts";
import { placeName, whyLines } from "./show/promotion.ts";

export interface PromotingFlags extends FollowFlags, OutputFlags {
  readonly message?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly interactive?: boolean;
  readonly exclude?: readonly string[];
  readonly force?: boolean;
}
export const promotingFlags = {
  message: {
    kind: "parsed",
    parse: String,
    placeholder: "TEXT",
    optional: true,
    brief: "Why it goes out; stands in the commit",
  },
  exclude: {
    ...named("WORKLOAD", "Workloads that stay; may be repeated, or a list with commas"),
    variadic: ",",
  },
  force: flag("Past locks and filters of what is named; say why with --message"),
  yes: flag("Do not ask"),
  dryRun: flag("Only show what would change"),
  interactive: flag("Choose on the terminal what of it goes"),
  ...followFlags,
  ...outputFlags,
} as const;

/** Refuses flags that contradict each other. */
export function checkPromoting(flags: PromotingFlags): void {
  checkFollow(flags);
  if (flags.dryRun && (flags.watch || flags.wait))
    throw new SluiceError("bad_request", "There is nothing to watch in a dry run.", {
      help: "Leave out --dry-run, or --watch and --wait.",
    });
  if (flags.dryRun && flags.interactive)
    throw new SluiceError("bad_request", "Give --dry-run or --interactive, not both.", {
      help: "--interactive shows what would change before anything is done.",
    });
}

/** Plan first, then ask, then promote, then follow: the way of `release` and `promote`. */
export async function carryOut(
  context: CliContext,
  client: Client,
  request: PromotionRequest,
  flags: PromotingFlags,
): Promise<void> {
  if (request.force && request.selection === undefined && request.image === undefined)
    throw new SluiceError("bad_request", "--force goes with the workloads it is for, not with --all.", {
      help: "For example: sluice promote payment --to prod --force -m audit",
    });
  const plan = await client.plan(request);
  const people = flags.output === "table" ? context.out : context.err;
  if (flags.interactive) {
    const selection = await choose(context, plan, request);
    if (selection === undefined) return;
    return afterwards(context, client, await client.promote({ ...request, selection }), flags);
  }
  people.write(showPlan(plan, request.selection !== undefined, context.now(), painter(people, context.env)));
  const nothing = whyNothing(plan);
  if (flags.dryRun || nothing !== undefined) {
    if (nothing !== undefined) people.write(`Nothing to do: ${nothing.text}\n`);
    if (flags.output !== "table")
      await print(context, flags.output, plan, { table: () => "", names: plannedWorkloads });
    return context.finish(nothing?.exit ?? exitCodes.done);
  }
  if (!(await confirmed(context, plan, flags.yes))) return;
  const view = await client.promote(request);
  await afterwards(context, client, view, flags);
}

/** What a person chooses of a plan, with the tags that were asked for; undefined when that is nothing. */
async function choose(
  context: CliContext,
  plan: PlanView,
  request: PromotionRequest,
): Promise<readonly Selected[] | undefined> {
  const rows = planRows(plan);
  const picked = await pick(context, planHeading, rows);
  const tagged = request.selection?.some(({ tag }) => tag !== undefined) ?? false;
  return picked?.map((index) => {
    const { workload, container, from, tag } = rows[index]!;
    return {
      workload,
      container,
      ...(from === undefined ? {} : { from }),
      ...(tagged && tag !== undefined ? { tag } : {}),
    };
  });
}

/** Prints the promotion that was made, and follows it when asked to. */
export async function afterwards(
  context: CliContext,
  client: Client,
  made: PromotionView,
  flags: FollowFlags & OutputFlags,
): Promise<void> {
  const { id, state } = made.promotion;
  const people = flags.output === "table" ? context.out : context.err;
  people.write(`${id}  ${state}  ${client.server.url}/releases/${id}\n`);
  let view = made;
  if (flags.watch || flags.wait) view = await follow(context, client, made, flags, people);
  else if (flags.output === "table") context.out.write(whyLines(made.why, context.now()));
  if (flags.output !== "table")
    await print(context, flags.output, view, { table: () => "", names: () => [view.promotion.id] });
}

/** Asks a person; without one, and without --yes, nothing is done. */
async function confirmed(context: CliContext, plan: PlanView, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true;
  const workloads = plannedWorkloads(plan).length;
  const what = `${workloads} workload${workloads === 1 ? "" : "s"}`;
  const way = `from ${placeName(plan.source)} to ${placeName(plan.target)}`;
  const forced = plan.plans.some((entry) => changesOf(entry).some((item) => item.forced !== undefined));
  return confirm(context, `Promote ${what} ${way}${forced ? ", past the rules named" : ""}?`);
}

/** Whether a person says yes. Throws a usage error where nobody can be asked. */
export async function confirm(context: CliContext, question: string): Promise<boolean> {
  if (!context.interactive)
    throw new SluiceError("bad_request", `"${question}" cannot be asked without a terminal, so nothing was done.`, {
      help: "Add --yes to go ahead without being asked.",
    });
  const answer = await context.ask(`${question} [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return true;
  context.err.write("Nothing was done.\n");
  context.finish(exitCodes.failed);
  return false;
}

function plannedWorkloads(plan: PlanView): string[] {
  return [...new Set(plan.plans.flatMap((entry) => changesOf(entry).map((item) => item.workload)))];
}

/** Why a plan changes nothing; undefined when it changes something. A rule in the way is a refusal. */
function whyNothing(plan: PlanView): { readonly text: string; readonly exit: number } | undefined {
  if (plannedWorkloads(plan).length > 0) return undefined;
  const items = plan.plans.flatMap((entry) => entry.items);
  const stopped = items.some((item) => item.status === "refused" || item.status === "waiting");
  if (stopped) return { text: "a rule keeps it where it is", exit: exitCodes.refused };
  if (items.some((item) => item.status === "same"))
    return { text: `${placeName(plan.target)} has these versions already`, exit: exitCodes.done };
  return { text: `${placeName(plan.source)} has nothing for ${placeName(plan.target)}`, exit: exitCodes.done };
}
