import type { AgentState } from "../../hub/hub.ts";
import type { CatalogueRepository } from "../../model/catalogue.ts";
import { labelRevision } from "../../model/catalogue.ts";
import type { Environment } from "../../model/documents.ts";
import { imageName, parseImage, versionOf } from "../../model/image.ts";
import type { Plan } from "../../model/plan.ts";
import type { Verification } from "../../model/ports/store.ts";
import type { Hold } from "../../model/release.ts";
import type { ObjectProblem, WorkloadReport } from "../../model/report.ts";
import { isGood, type Verdict } from "../../model/verdict.ts";
import type { CellContainer, CellView, EnvironmentView } from "../../model/views.ts";
import { containerKey, type Workload } from "../../model/workload.ts";
import { filterOf } from "../../planning/candidates.ts";
import { countNewer, findImage } from "../../planning/order.ts";
import type { EnvironmentTree } from "../../repositories/trees.ts";
import { shownAddress } from "../address.ts";
import { filterInForce } from "./filters.ts";

export interface EnvironmentInput {
  readonly environment: Environment;
  readonly stage: { readonly pipeline: string; readonly stage: string } | undefined;
  readonly tree: EnvironmentTree | undefined;
  readonly gitProblem: string | undefined;
  readonly agent: AgentState;
}

/** An environment with everything that is wrong with it. */
export function environmentView({ environment, stage, tree, gitProblem, agent }: EnvironmentInput): EnvironmentView {
  const { report } = agent;
  const told = new Set(tree?.problems.map((problem) => `${problem.file} ${problem.message}`));
  return {
    name: environment.name,
    cluster: environment.cluster,
    git: { ...environment.git, repository: shownAddress(environment.git.repository) },
    ...(stage === undefined ? {} : { stage }),
    ...(tree === undefined ? {} : { head: tree.commit }),
    agent: { connected: agent.connected, ...(agent.lastSeenAt === undefined ? {} : { lastSeenAt: agent.lastSeenAt }) },
    ...(report?.attempted === undefined ? {} : { attempted: report.attempted }),
    ...(report?.applied === undefined ? {} : { applied: report.applied }),
    problems: [
      ...(gitProblem === undefined ? [] : [{ message: gitProblem }]),
      ...(tree?.problems ?? []),
      ...(report?.problems ?? []).filter((problem) => !told.has(`${problem.file} ${problem.message}`)),
    ],
    ...(report?.prune === undefined ? {} : { prune: report.prune }),
    ...differenceOf(environment, report?.git),
  };
}

/** Whether the agent was told to read another place than the document names. */
function differenceOf({ git }: Environment, told: Environment["git"] | undefined): { difference?: string } {
  if (told === undefined) return {};
  const show = (place: Environment["git"]) => `${place.branch} ${[...place.paths].sort().join(", ")}`;
  if (show(git) === show(told)) return {};
  return { difference: `the agent applies ${show(told)}, the document says ${show(git)}` };
}

export interface CellInput {
  readonly environment: string;
  readonly workload: Workload;
  readonly agent: AgentState;
  readonly repository: (name: string) => CatalogueRepository | undefined;
  readonly holds: readonly Hold[];
  readonly underWay: ReadonlyMap<string, string>;
  readonly plan: Plan | undefined;
  readonly verifications: ReadonlyMap<string, Verification>;
}

/** One workload in one environment. Nobody is called healthy while the agent is away. */
export function cellView(input: CellInput): CellView {
  const { environment, workload, agent } = input;
  const report = agent.report?.workloads.find((entry) => entry.id === workload.id);
  const problem = agent.report?.problems.find((entry) => entry.object === workload.id);
  const containers = workload.containers.map((slot) => containerView(input, slot, report));
  const first = containers[0];
  const verification =
    first && input.verifications.get(containerKey({ workload: workload.id, container: first.container }));
  const release = containers
    .map((entry) => input.underWay.get(containerKey({ workload: workload.id, container: entry.container })))
    .find((entry) => entry !== undefined);
  return {
    environment,
    workload: workload.id,
    file: workload.file,
    line: workload.line,
    containers,
    ...verdictsOf(agent, report, workload, problem),
    drift: report?.drift ?? [],
    ...(workload.policy.locked === undefined ? {} : { locked: workload.policy.locked }),
    automated: workload.policy.automated,
    policy: workload.policy.written,
    holds: input.holds.filter((hold) => hold.workload === workload.id),
    ...(release === undefined ? {} : { release }),
    ...(verification === undefined ? {} : { verifiedAt: verification.at }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** The verdict people see: unknown without a live report, with what was last seen beside it. */
export function verdictsOf(
  agent: AgentState,
  report: WorkloadReport | undefined,
  workload: Pick<Workload, "id" | "containers">,
  problem: ObjectProblem | undefined,
): { verdict: Verdict; lastKnown?: Verdict } {
  const none = { desired: 0, updated: 0, ready: 0, available: 0, evidence: [] };
  if (agent.connected && report !== undefined) return { verdict: ofGit(report, workload, problem) };
  const since = agent.lastSeenAt ?? 0;
  if (agent.connected)
    return { verdict: { state: "unknown", message: "the agent has not reported it yet", since, ...none } };
  const message = agent.lastSeenAt === undefined ? "no agent has ever reported" : "the agent is away";
  return {
    verdict: { state: "unknown", message, since, ...none },
    ...(report === undefined ? {} : { lastKnown: report.verdict }),
  };
}

/** A good verdict about another image than Git's is none about what Git says: that is not applied yet, or cannot be. */
function ofGit(
  { verdict, containers }: WorkloadReport,
  workload: Pick<Workload, "id" | "containers">,
  problem: ObjectProblem | undefined,
): Verdict {
  const live = new Map(containers.map((entry) => [entry.container, entry.image]));
  const applied = workload.containers.every((slot) => live.get(slot.container) === slot.image);
  if (applied || !isGood(verdict)) return verdict;
  const { settlesAt: _, ...rest } = verdict;
  if (problem === undefined) return { ...rest, state: "rolling out", message: "Git's version is not applied yet" };
  const message = `Git's version cannot be applied: ${problem.message}`;
  const evidence = [{ object: workload.id, reason: "NotApplied", message: problem.message, since: verdict.since }];
  return { ...rest, state: "failed", message, evidence };
}

function containerView(
  input: CellInput,
  slot: Workload["containers"][number],
  report: WorkloadReport | undefined,
): CellContainer {
  const ref = parseImage(slot.image);
  const version = ref === undefined ? { tag: slot.image } : versionOf(ref);
  const repository = ref && input.repository(imageName(ref));
  const image = findImage(repository, version);
  const filtered = filterOf(input.workload, slot.container);
  const behind = "filter" in filtered ? countNewer(repository, filtered.filter, version) : undefined;
  const filter = filterInForce(input.workload, slot);
  const live = report?.containers.find((entry) => entry.container === slot.container);
  const next = input.plan?.items.find(
    (item) =>
      item.workload === input.workload.id &&
      item.container === slot.container &&
      item.status !== "same" &&
      item.status !== "absent",
  );
  return {
    container: slot.container,
    init: slot.init,
    image: slot.image,
    version: image === undefined || version.digest !== undefined ? version : { ...version, digest: image.digest },
    ...(filter === undefined ? {} : { filter }),
    ...(slot.fixed === undefined ? {} : { fixed: slot.fixed }),
    ...(live !== undefined && live.image !== slot.image ? { live: live.image } : {}),
    running: live?.running ?? [],
    ...(behind === undefined ? {} : { behind }),
    ...(image?.createdAt === undefined ? {} : { builtAt: image.createdAt }),
    ...(image?.labels[labelRevision] === undefined ? {} : { revision: image.labels[labelRevision] }),
    ...(next === undefined ? {} : { next }),
  };
}
