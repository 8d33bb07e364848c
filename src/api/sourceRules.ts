import { SluiceError } from "../errors.ts";
import type { Configuration } from "../model/documents.ts";
import type { Plan, PlanItem } from "../model/plan.ts";
import { type Source, showPlace, type Target } from "../model/source.ts";
import { coversWorkload, findStage, type PlacedStage, sourcesOf, stagesOf } from "../pipelines/graph.ts";

/** Refuses a source that the target stage does not take versions from: `fromOnly` binds people too. */
export function checkSource(configuration: Configuration, target: Target, source: Source): void {
  const placed = target.kind === "stage" ? findStage(configuration, target.pipeline, target.stage) : undefined;
  if (placed === undefined || takesFrom(placed, source)) return;
  throw new SluiceError("refused", ruleText(placed), {
    help: "Choose that source, or change the pipeline's document.",
  });
}

/**
 * A plan for one environment by the rules of the stages that deliver there: what a `fromOnly` stage moves comes from its
 * sources whichever client asks, and whether the stage is named or its environment.
 */
export function withSourceRules(configuration: Configuration, plan: Plan): Plan {
  const strict = stagesOf(configuration, plan.environment).filter((placed) => !takesFrom(placed, plan.source));
  if (strict.length === 0) return plan;
  const items = plan.items.map((item): PlanItem => {
    const placed = strict.find(({ pipeline }) => coversWorkload(pipeline, item.workload));
    if (item.status !== "change" || placed === undefined) return item;
    const { workload, container, from, fromVersion, file } = item;
    return {
      workload,
      container,
      status: "refused",
      reason: "other_source",
      text: ruleText(placed),
      who: `whoever edits pipeline ${placed.pipeline.name}`,
      ...(from === undefined ? {} : { from }),
      ...(fromVersion === undefined ? {} : { fromVersion }),
      ...(file === undefined ? {} : { file }),
    };
  });
  return { ...plan, items };
}

function takesFrom(placed: PlacedStage, source: Source): boolean {
  return !placed.stage.fromOnly || sourcesOf(placed).some((allowed) => placeKey(allowed) === placeKey(source));
}

function placeKey(source: Source): string {
  if (source.kind === "registry") return "registry";
  return source.kind === "environment" ? `environment ${source.environment}` : `${source.pipeline}/${source.stage}`;
}

function ruleText(placed: PlacedStage): string {
  const sources = sourcesOf(placed).map(showPlace).join(", ");
  return `stage ${placed.stage.name} takes versions only from ${sources} (fromOnly: true in pipeline ${placed.pipeline.name})`;
}
