import { canStop } from "../../engine/promotions.ts";
import { SluiceError } from "../../errors.ts";
import { hasEnded } from "../../model/release.ts";
import type { PromotionView, WhyView } from "../../model/views.ts";
import { containerKey, parseWorkloadId } from "../../model/workload.ts";
import { environmentsOf, findStage, findTarget, sourcesOf, stagesOf } from "../../pipelines/graph.ts";
import { hasWritten } from "../../pipelines/step.ts";
import type { ApiContext } from "../context.ts";
import { activeByEnvironment } from "./load.ts";
import { failureOf, whyItem, whyPromotion } from "./why.ts";

/** How far back the release is looked for that brought the version an environment has. */
const recentReleases = 100;

/** One promotion with every workload's progress. */
export async function loadPromotion(context: ApiContext, id: string): Promise<PromotionView> {
  const { store, hub, clock } = context;
  const promotion = await context.promotions.get(id);
  const releases = await store.promotions.releases(id);
  const verdictOf = (environment: string, workload: string) =>
    hub.liveReport(environment)?.workloads.find((entry) => entry.id === workload)?.verdict;
  const awaySince = (environment: string) => {
    const state = hub.state(environment);
    return state.connected ? undefined : (state.lastSeenAt ?? promotion.createdAt);
  };
  const why = whyPromotion(promotion, releases, verdictOf, awaySince, clock.now());
  const reverting = await store.promotions.reverting(id);
  return {
    promotion,
    releases: releases.map((release) => ({
      ...release,
      changes: release.changes.map((change) => {
        const verdict = hasEnded(release.state) ? undefined : verdictOf(release.environment, change.workload);
        return {
          workload: change.workload,
          container: change.container,
          from: change.fromVersion,
          to: change.toVersion,
          ...(change.forced === undefined ? {} : { forced: change.forced }),
          ...(change.back === undefined ? {} : { back: change.back }),
          outcome: change.outcome,
          ...(verdict === undefined ? {} : { verdict }),
        };
      }),
    })),
    ...(why === undefined ? {} : { why }),
    ...(reverting === undefined ? {} : { revertedBy: reverting.id }),
    can: {
      abort: releases.some(canStop),
      rollback:
        reverting === undefined &&
        releases.some(
          (release) => hasWritten(release) && stateEnd(release) !== "rolled back" && stateEnd(release) !== "superseded",
        ),
    },
    events: await store.events.before(undefined, 200, { promotion: id }),
  };
}

function stateEnd(release: { state: object }): string | undefined {
  return "end" in release.state ? String(release.state.end) : undefined;
}

/** Why the workloads of a place have the version they have. `place` is an environment or a stage. */
export async function loadWhy(context: ApiContext, place: string, workload: string): Promise<WhyView[]> {
  const { repositories, planner } = context;
  const target = findTarget(repositories.configuration, place);
  if (target === undefined) throw new SluiceError("not_found", `there is no stage or environment "${place}"`);
  if ("ambiguous" in target)
    throw new SluiceError("bad_request", `"${place}" is a stage of several pipelines: ${target.ambiguous.join(", ")}`);
  const active = await activeByEnvironment(context);
  const views: WhyView[] = [];
  for (const environment of environmentsOf(repositories.configuration, target)) {
    const tree = await repositories.tree(environment);
    const ids = [...tree.workloads.keys()].filter((id) => id === workload || parseWorkloadId(id)?.name === workload);
    const [placed] =
      target.kind === "stage"
        ? [findStage(repositories.configuration, target.pipeline, target.stage)!]
        : stagesOf(repositories.configuration, environment);
    const source = placed === undefined ? ({ kind: "registry" } as const) : sourcesOf(placed)[0]!;
    const [plan] = await planner.plan({
      source,
      target: { kind: "environment", environment },
      selection: ids.map((id) => ({ workload: id })),
      automatic: true,
    });
    const live = new Map(context.hub.liveReport(environment)?.workloads.map((entry) => [entry.id, entry]));
    const releases = await context.store.promotions.recent(environment, recentReleases);
    for (const item of plan?.items ?? []) {
      if (item.fromVersion === undefined) continue;
      const underWay = active.get(environment)?.get(containerKey(item));
      views.push({
        environment,
        workload: item.workload,
        container: item.container,
        version: item.fromVersion,
        ...(item.toVersion === undefined || item.status === "same" ? {} : { could: item.toVersion }),
        why: whyItem(
          item,
          placed?.stage,
          source,
          underWay,
          failureOf(item, live.get(item.workload), releases),
          tree.workloads.get(item.workload),
        ),
      });
    }
  }
  if (views.length === 0) throw new SluiceError("not_found", `there is no workload "${workload}" in ${place}`);
  return views;
}
