import type { PipelineView } from "../../../../src/model/views.ts";

/** Cells of one environment that a person marked, to move them on together. */
export interface CellSelection {
  readonly environment: string;
  readonly workloads: readonly string[];
}

/** Marks or unmarks a cell; a cell of another environment starts anew, for a promotion has one source. */
export function toggleCell(
  before: CellSelection | undefined,
  environment: string,
  workload: string,
): CellSelection | undefined {
  if (before?.environment !== environment) return { environment, workloads: [workload] };
  if (!before.workloads.includes(workload)) return { environment, workloads: [...before.workloads, workload] };
  const workloads = before.workloads.filter((entry) => entry !== workload);
  return workloads.length === 0 ? undefined : { environment, workloads };
}

/** Stages that take versions from the environment or its stage: where a marked cell may go next. */
export function nextStages(
  pipelines: readonly PipelineView[],
  environment: string,
): { pipeline: string; stage: string; from: string }[] {
  return pipelines.flatMap((pipeline) => {
    const own = pipeline.stages.find((stage) => stage.environments.includes(environment))?.name;
    return pipeline.stages
      .filter((stage) =>
        stage.sources.some(
          (source) =>
            (source.kind === "environment" && source.environment === environment) ||
            (source.kind === "stage" && source.pipeline === pipeline.name && source.stage === own),
        ),
      )
      .map((stage) => ({
        pipeline: pipeline.name,
        stage: stage.name,
        from: own === undefined ? environment : `${pipeline.name}/${own}`,
      }));
  });
}
