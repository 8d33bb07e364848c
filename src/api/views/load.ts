import { messageOf, SluiceError } from "../../errors.ts";
import { personGate } from "../../gates/person/gate.ts";
import { labelRevision, labelSource } from "../../model/catalogue.ts";
import { imageName, parseImage } from "../../model/image.ts";
import type { Plan } from "../../model/plan.ts";
import { changesOf } from "../../model/plan.ts";
import type { CellView, ImagesView, MatrixView, PipelineView, RowView, StageView } from "../../model/views.ts";
import { containerKey, parseWorkloadId, type Workload } from "../../model/workload.ts";
import { sourcesOf, stagesOf } from "../../pipelines/graph.ts";
import { filterOf } from "../../planning/candidates.ts";
import { troubleOf } from "../../planning/suspect.ts";
import { newerFirst } from "../../policies/order.ts";
import type { EnvironmentTree } from "../../repositories/trees.ts";
import type { ApiContext } from "../context.ts";
import { cellView, environmentView } from "./matrix.ts";

/** Environments in pipeline order: those of the first pipeline's stages first, then the others by name. */
function orderedEnvironments(context: ApiContext): string[] {
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

async function treeOf(
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
        gates: waiting.length === 0 ? [] : [personGate(stage, waiting)],
      });
    }
    views.push({ name: pipeline.name, stages });
  }
  return views;
}

/** The images a workload's containers could have. */
export async function loadImages(context: ApiContext, workloadId: string, limit: number): Promise<ImagesView[]> {
  const uses = new Map<string, string[]>();
  let found: Workload | undefined;
  for (const name of orderedEnvironments(context)) {
    const { tree } = await treeOf(context, name);
    const workload = tree?.workloads.get(workloadId);
    found ??= workload;
    for (const slot of workload?.containers ?? []) {
      const ref = parseImage(slot.image);
      const key = `${slot.container} ${ref?.tag ?? "latest"}`;
      uses.set(key, [...(uses.get(key) ?? []), name]);
    }
  }
  if (found === undefined)
    throw new SluiceError(
      "not_found",
      `there is no workload ${workloadId}${parseWorkloadId(workloadId) === undefined ? "; write namespace:kind/name" : ""}`,
    );
  const workload = found;
  return workload.containers.map((slot) => {
    const ref = parseImage(slot.image);
    const name = ref === undefined ? slot.image : imageName(ref);
    const repository = context.catalogue.repository(name);
    const problem = repository && troubleOf(repository);
    const filtered = filterOf(workload, slot.container);

    const all = [...(repository?.images ?? [])].sort(newerFirst);
    return {
      workload: workloadId,
      container: slot.container,
      name,
      ...(problem === undefined ? {} : { problem }),
      ...(repository?.scannedAt === undefined ? {} : { scannedAt: repository.scannedAt }),
      images: all
        .map((image) => ({
          tag: image.tag,
          digest: image.digest,
          ...(image.createdAt === undefined ? {} : { createdAt: image.createdAt }),
          ...(image.labels[labelRevision] === undefined ? {} : { revision: image.labels[labelRevision] }),
          ...(image.labels[labelSource] === undefined ? {} : { source: image.labels[labelSource] }),
          environments: uses.get(`${slot.container} ${image.tag}`) ?? [],
          allowed: "filter" in filtered && filtered.filter.allows(image.tag),
        }))
        .filter((image, index) => index < limit || image.environments.length > 0),
    };
  });
}
