import { SluiceError } from "../../errors.ts";
import type { FluxResult } from "../../model/flux.ts";
import type { PolicyChange, PolicyUpdate } from "../../model/policy.ts";
import { named } from "../arguments/flags.ts";
import { workloadArguments } from "../arguments/workloads.ts";
import type { Client } from "../client.ts";
import { placeNames, workloadNames } from "../completion/names.ts";
import {
  type ConnectionFlags,
  connectAs,
  connectFlux,
  connectionFlags,
  type EnvironmentFlags,
  environmentAliases,
  environmentFlags,
  neededEnvironment,
} from "../connection.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { resultLines } from "../show/flux-result.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";
import { table } from "../show/table.ts";
import { inNamespace } from "../workload-name.ts";
import { awaitJob, deadlineOf, poll, type TimeoutFlags, tellLate, timeoutFlags } from "./await.ts";
import { type CauseFlags, causeFlags, causeOf } from "./cause.ts";
import type { Cause } from "./client.ts";
import { exitOf, showJob } from "./outcome.ts";

export interface PolicyFlags extends ConnectionFlags, EnvironmentFlags, OutputFlags, CauseFlags, TimeoutFlags {
  readonly to?: string;
  readonly namespace?: string;
  readonly workload?: readonly string[];
  readonly verbose?: number;
}
/** Flags of every command that changes policies. */
export const policyFlags = {
  ...environmentFlags,
  to: {
    ...named("PLACE", "Stage or environment; a stage means each of its environments"),
    proposeCompletions: placeNames,
  },
  namespace: named("NAME", "Namespace of the workloads"),
  workload: {
    ...named("WORKLOAD", "Workload, short or whole; may be repeated, or stand without the flag"),
    variadic: true,
    proposeCompletions: workloadNames,
  },
  verbose: { kind: "counter", optional: true, brief: "Also what was skipped" },
  ...causeFlags,
  ...timeoutFlags,
  ...outputFlags,
  ...connectionFlags,
} as const;
export const policyAliases = {
  ...environmentAliases,
  ...outputAliases,
  n: "namespace",
  w: "workload",
  v: "verbose",
  m: "message",
} as const;
export const policyWorkloads = workloadArguments("Workload to change");

/** What shall change, as the command line says it. */
export interface PolicyAsked {
  readonly automate?: boolean;
  readonly deautomate?: boolean;
  readonly lock?: boolean;
  readonly unlock?: boolean;
  readonly tagAll?: string;
  readonly tags?: readonly string[];
}
type Policies = Pick<PolicyUpdate, "add" | "remove">;

/** Changes policies of workloads in an environment, as fluxctl does it, or in every environment of `--to PLACE`. */
export async function changePolicies(
  context: CliContext,
  flags: PolicyFlags,
  asked: PolicyAsked,
  written: readonly string[],
): Promise<void> {
  const workloads = [...written, ...(flags.workload ?? [])];
  if (workloads.length === 0)
    throw new SluiceError("bad_request", "-w, --workload is required", {
      help: "For example: sluice lock -w catalogue -e prod-eu -m audit",
    });
  if (flags.to !== undefined && flags.environment !== undefined)
    throw new SluiceError("bad_request", "Give -e ENVIRONMENT or --to PLACE, not both.", {
      help: "--to takes environments too.",
    });
  const environment = flags.to === undefined ? neededEnvironment(flags, context, "--to PLACE for a stage") : undefined;
  const cause = await causeOf(flags, context);
  const policies = policiesOf(asked, cause);
  if (environment === undefined) return changeEverywhere(context, flags, flags.to!, workloads, policies, cause);
  await changeOne(context, flags, environment, workloads, policies, cause);
}

/** The keys to set and to take away, by Flux's rules. Throws a usage error for what contradicts itself. */
function policiesOf(asked: PolicyAsked, cause: Cause): Policies {
  const wrong = (message: string) =>
    new SluiceError("bad_request", message, {
      help: "For example: sluice policy -w catalogue -e dev --tag catalogue='1.*'",
    });
  if (asked.automate && asked.deautomate) throw wrong("automate and deautomate both specified");
  if (asked.lock && asked.unlock) throw wrong("lock and unlock both specified");
  const add: Record<string, string> = {};
  const remove: string[] = [];
  if (asked.automate) add.automated = "true";
  if (asked.deautomate) remove.push("automated");
  if (asked.lock) add.locked = "true";
  if (asked.lock && cause.User !== "") Object.assign(add, { locked_user: cause.User, locked_msg: cause.Message });
  if (asked.unlock) remove.push("locked", "locked_msg", "locked_user");
  if (asked.tagAll !== undefined) add.tag_all = asked.tagAll;
  for (const pair of asked.tags ?? []) {
    const equals = pair.indexOf("=");
    if (equals <= 0 || equals === pair.length - 1)
      throw wrong(`invalid container/tag pair: "${pair}". Expected format is 'container=filter'`);
    const [key, pattern] = [`tag.${pair.slice(0, equals)}`, pair.slice(equals + 1)];
    if (pattern === "*") remove.push(key);
    else add[key] = pattern;
  }
  if (Object.keys(add).length === 0 && remove.length === 0) throw wrong("Say what to change.");
  return { add, remove };
}

async function changeOne(
  context: CliContext,
  flags: PolicyFlags,
  environment: string,
  workloads: readonly string[],
  { add, remove }: Policies,
  cause: Cause,
): Promise<void> {
  const { client, flux } = connectFlux(flags, context, environment, cause.User);
  const policies = { add, remove: Object.fromEntries(remove.map((key) => [key, "true"])) };
  const spec = Object.fromEntries(workloads.map((name) => [inNamespace(name, flags.namespace), policies]));
  const id = await flux.update({ type: "policy", spec }, cause);
  const job = await awaitJob(context, flux, id, deadlineOf(flags, context));
  if (job === undefined) return tellLate(context, client, id);
  await showJob(context, flags, id, job);
  if (job.Result?.revision !== undefined) tellReview(context, await client.policyChange(id));
  context.finish(exitOf(job));
}

/** A lock that waits for somebody to merge it does not hold yet. */
function tellReview(context: CliContext, { environment, state }: PolicyChange): void {
  if (!("branch" in state) || state.branch === undefined) return;
  context.err.write(`It counts in ${environment} when ${state.branch} is merged.\n`);
}

async function changeEverywhere(
  context: CliContext,
  flags: PolicyFlags,
  target: string,
  workloads: readonly string[],
  policies: Policies,
  cause: Cause,
): Promise<void> {
  const client = connectAs(flags, context, cause.User);
  const updates = workloads.map((name) => ({ workload: inNamespace(name, flags.namespace), ...policies }));
  const deadline = deadlineOf(flags, context);
  const { changes: accepted } = await client.changePolicies({ target, updates, message: cause.Message });
  const changes = await Promise.all(accepted.map((change) => ended(context, client, change, deadline)));
  await print(
    context,
    flags.output,
    { changes },
    {
      table: () =>
        table(
          ["ENVIRONMENT", "WORKLOAD", "STATUS", "UPDATES"],
          changes.flatMap((change) => rowsOf(change, flags.verbose ?? 0)),
        ),
      names: () => changes.map((change) => change.id),
    },
  );
  for (const change of changes) {
    conclude(context, change);
    tellReview(context, change);
  }
  context.finish(Math.max(...changes.map(exitOfChange)));
}

/** The change when it has ended, or as it is when the time is over. */
async function ended(
  context: CliContext,
  client: Client,
  change: PolicyChange,
  deadline: number,
): Promise<PolicyChange> {
  let last = change;
  await poll(context, deadline, async () => {
    if (!("end" in last.state)) last = await client.policyChange(change.id);
    return "end" in last.state ? true : undefined;
  });
  return last;
}

function rowsOf({ environment, state }: PolicyChange, verbose: number): string[][] {
  const outcomes = "end" in state ? state.outcomes : [];
  const result: FluxResult = Object.fromEntries(
    outcomes.map(({ workload, status, text: reason }) => [workload, { Status: status, Error: reason ?? "" }]),
  );
  return resultLines(result, verbose).map((line) => [environment, line.workload, line.status, line.text]);
}

/** What a person must know beside the table: the commit, or why there is none. */
function conclude(context: CliContext, { id, environment, state }: PolicyChange): void {
  const say = (text: string) => context.err.write(`${environment}: ${text}\n`);
  if (!("end" in state)) say(`still waiting to be written; it goes on without you (${id})`);
  else if (state.end === "succeeded") say(`Commit pushed:\t${state.commit.slice(0, 7)}`);
  else if (state.end === "nothing to do") say("Nothing to do");
  else if (state.outcomes.some(({ text = "" }) => text !== "" && state.reason.endsWith(text)))
    say("Nothing was written.");
  else say(state.reason);
}

function exitOfChange({ state }: PolicyChange): number {
  if (!("end" in state)) return exitCodes.waiting;
  return state.end === "failed" || state.outcomes.some(({ status }) => status === "failed")
    ? exitCodes.failed
    : exitCodes.done;
}
