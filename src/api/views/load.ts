import { messageOf } from "../../errors.ts";
import { personGate } from "../../gates/person/gate.ts";
import type { Plan } from "../../model/plan.ts";
import { changesOf } from "../../model/plan.ts";
import type { CellView, MatrixView, PipelineView, RowView, StageView } from "../../model/views.ts";
import { containerKey, type Workload } from "../../model/workload.ts";
import { sourcesOf, stagesOf } from "../../pipelines/graph.ts";
import type { EnvironmentTree } from "../../repositories/trees.ts";
import type { ApiContext } from "../context.ts";
import { cellView, environmentView } from "./matrix.ts";

/** Environments in pipeline order: those of the first pipeline's stages first, then the others by name. */
export function orderedEnvironments(context: ApiContext): string[] {
  const { configuration } = context.repositories;
  const ordered = [...configuration.pipelines.values()].flatMap((pipeline) =>
    pipeline.stages.flatMap((stage) => stage.environments),
  );
  return [...new Set([...ordered, ...[...configuration.environments.keys()].sort()])].filter((name) =>
    configuration.environments.has(name),
  );
}

/** What runs where: every workload in every environment. */
export async function loadMatrix(context: ApiContext): Promise<MatrixView> {
  const { repositories, hub, store } = context;
  const names = orderedEnvironments(context);
  const plans = await stagePlans(context);
  const underWay = await activeByEnvironment(context);
  const verifications = await store.verifications.latest(names);
  const rows = new Map<string, { workload: Workload; cells: Record<string, CellView> }>();
  const environments = [];
  for (const name of names) {
    const environment = repositories.environment(name);
    const [placed] = stagesOf(repositories.configuration, name);
    const { tree, problem } = await treeOf(context, name);
    const agent = hub.state(name);
    const stage = placed === undefined ? undefined : { pipeline: placed.pipeline.name, stage: placed.stage.name };
    environments.push(environmentView({ environment, stage, tree, gitProblem: problem, agent }));
    const own = new Map(
      verifications.filter((entry) => entry.environment === name).map((entry) => [containerKey(entry), entry]),
    );
    for (const workload of tree?.workloads.values() ?? []) {
      const row = rows.get(workload.id) ?? { workload, cells: {} };
      rows.set(workload.id, row);
      row.cells[name] = cellView({
        environment: name,
        workload,
        agent,
        holds: repositories.holdsOf(environment),
        underWay: underWay.get(name) ?? new Map(),
        plan: plans.get(name),
        verifications: own,
        repository: (wanted) => context.catalogue.repository(wanted),
      });
    }
  }
  const list: RowView[] = [...rows.values()].map(({ workload, cells }) => ({
    id: workload.id,
    namespace: workload.namespace,
    kind: workload.kind,
    name: workload.name,
    cells,
  }));
  list.sort(
    (a, b) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name) || a.kind.localeCompare(b.kind),
  );
  return { environments, rows: list, problems: repositories.configuration.problems };
}

/** An environment's files as Git has them, or why they cannot be read. */
export async function treeOf(
  context: ApiContext,
  name: string,
): Promise<{ tree: EnvironmentTree | undefined; problem: string | undefined }> {
  const url = context.repositories.environment(name).git.repository;
  try {
    return { tree: await context.repositories.tree(name), problem: context.repositories.unreachable.get(url) };
  } catch (error) {
    return { tree: undefined, problem: messageOf(error) };
  }
}

/** Release under way by environment and container. */
export async function activeByEnvironment(context: ApiContext): Promise<Map<string, Map<string, string>>> {
  const found = new Map<string, Map<string, string>>();
  for (const release of await context.store.promotions.active()) {
    const inside = found.get(release.environment) ?? new Map<string, string>();
    for (const change of release.changes) inside.set(containerKey(change), release.promotion);
    found.set(release.environment, inside);
  }
  return found;
}

/** What each stage's first source offers its environments now, by environment. */
async function stagePlans(context: ApiContext): Promise<Map<string, Plan>> {
  const found = new Map<string, Plan>();
  for (const pipeline of await loadPipelines(context))
    for (const stage of pipeline.stages)
      for (const plan of stage.plans) if (!found.has(plan.environment)) found.set(plan.environment, plan);
  return found;
}

/** Every pipeline with what would move into each stage, what does not, and why. */
export async function loadPipelines(context: ApiContext): Promise<PipelineView[]> {
  const active = await context.store.promotions.active();
  const views: PipelineView[] = [];
  for (const pipeline of context.repositories.configuration.pipelines.values()) {
    const stages: StageView[] = [];
    for (const stage of pipeline.stages) {
      const sources = sourcesOf({ pipeline, stage });
      const target = { kind: "stage", pipeline: pipeline.name, stage: stage.name } as const;
      const plans = await context.planner
        .plan({ source: sources[0]!, target, automatic: true })
        .catch((error: unknown) => {
          context.log.warn("a stage cannot be planned", { stage: stage.name, problem: messageOf(error) });
          return [];
        });
      const waiting = plans.flatMap(changesOf);
      stages.push({
        name: stage.name,
        environments: stage.environments,
        order: stage.order,
        promote: stage.promote,
        sources,
        plans,
        underWay: [
          ...new Set(
            active
              .filter((release) => stage.environments.includes(release.environment))
              .map((release) => release.promotion),
          ),
        ],
        inReview: active.flatMap(({ promotion, environment, state }) =>
          stage.environments.includes(environment) && "step" in state && state.step === "in review"
            ? [{ promotion, environment, branch: state.branch }]
            : [],
        ),
        gates: waiting.length === 0 ? [] : [personGate(stage, waiting)],
      });
    }
    views.push({ name: pipeline.name, stages });
  }
  return views;
}
