import type { Configuration, Pipeline, Stage, WorkloadSelector } from "../model/documents.ts";
import type { Source, Target } from "../model/source.ts";
import { parseWorkloadId } from "../model/workload.ts";
import { globMatches } from "../policies/glob.ts";

/** A stage with the pipeline it stands in. */
export interface PlacedStage {
  readonly pipeline: Pipeline;
  readonly stage: Stage;
}

/** Whether a pipeline moves a workload: one of its selectors fits, `*` stands for any text. */
export function coversWorkload(pipeline: Pipeline, workload: string): boolean {
  const parts = parseWorkloadId(workload);
  if (parts === undefined) return false;
  return pipeline.workloads.some((selector: WorkloadSelector) =>
    (["namespace", "kind", "name"] as const).every(
      (key) =>
        selector[key] === undefined ||
        globMatches(key === "kind" ? selector[key]!.toLowerCase() : selector[key]!, parts[key]),
    ),
  );
}
/** The stages that deliver to an environment, one for each pipeline at most. */
export function stagesOf(configuration: Configuration, environment: string): PlacedStage[] {
  const found: PlacedStage[] = [];
  for (const pipeline of configuration.pipelines.values())
    for (const stage of pipeline.stages) if (stage.environments.includes(environment)) found.push({ pipeline, stage });
  return found;
}

export function findStage(configuration: Configuration, pipeline: string, stage: string): PlacedStage | undefined {
  const found = configuration.pipelines.get(pipeline);
  const inside = found?.stages.find((entry) => entry.name === stage);
  return found === undefined || inside === undefined ? undefined : { pipeline: found, stage: inside };
}

/** A target by the name people use: an environment, a stage, or `pipeline/stage`. Stages win over environments of the same name. */
export function findTarget(
  configuration: Configuration,
  name: string,
): Target | { ambiguous: readonly string[] } | undefined {
  const [pipeline, stage] = name.includes("/") ? (name.split("/", 2) as [string, string]) : [undefined, name];
  const matches: { pipeline: string; stage: string }[] = [];
  for (const candidate of configuration.pipelines.values())
    if (pipeline === undefined || candidate.name === pipeline)
      for (const entry of candidate.stages)
        if (entry.name === stage) matches.push({ pipeline: candidate.name, stage: entry.name });
  if (matches.length === 1) return { kind: "stage", ...matches[0]! };
  if (matches.length > 1) return { ambiguous: matches.map((match) => `${match.pipeline}/${match.stage}`) };
  return configuration.environments.has(name) ? { kind: "environment", environment: name } : undefined;
}

/** The environments a place stands for, in their order. The registry has none. */
export function environmentsOf(configuration: Configuration, place: Source | Target): readonly string[] {
  if (place.kind === "registry") return [];
  if (place.kind === "environment") return [place.environment];
  return findStage(configuration, place.pipeline, place.stage)?.stage.environments ?? [];
}

/** The sources a stage names, as sources. */
export function sourcesOf(placed: PlacedStage): Source[] {
  return placed.stage.from.map((source) =>
    "registry" in source
      ? { kind: "registry" }
      : "stage" in source
        ? { kind: "stage", pipeline: placed.pipeline.name, stage: source.stage }
        : { kind: "environment", environment: source.environment },
  );
}
