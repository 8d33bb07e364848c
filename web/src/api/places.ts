import type { Source, Target } from "../../../src/model/source.ts";
import type { PipelineView, StageView } from "../../../src/model/views.ts";

/** A place as the page writes it in an address: `registry`, `shop/prod` for a stage, `prod-eu` for an environment. */
export function writePlace(place: Source | Target): string {
  if (place.kind === "registry") return "registry";
  return place.kind === "environment" ? place.environment : `${place.pipeline}/${place.stage}`;
}

/** The places there are, as the API tells them. */
export interface Places {
  readonly pipelines: readonly PipelineView[];
  readonly environments: readonly string[];
}
export type FoundPlace<P> = { readonly place: P } | { readonly problem: string };

/**
 * Finds what people and the command line write: `registry`, an environment, `pipeline/stage`, or a stage alone where
 * only one pipeline has it. An environment wins over a stage of its name, for that is how the page links to it.
 */
export function findPlace(text: string, { pipelines, environments }: Places): FoundPlace<Source> {
  if (text === "registry") return { place: { kind: "registry" } };
  if (environments.includes(text)) return { place: { kind: "environment", environment: text } };
  const stages = pipelines.flatMap(({ name, stages }) =>
    stages.map((stage) => ({ pipeline: name, stage: stage.name })),
  );
  const found = stages.filter(({ pipeline, stage }) => text === stage || text === `${pipeline}/${stage}`);
  const [first] = found;
  if (first !== undefined && found.length === 1) return { place: { kind: "stage", ...first } };
  const names = (found.length > 1 ? found : stages).map(({ pipeline, stage }) =>
    pipelines.length > 1 ? `${pipeline}/${stage}` : stage,
  );
  if (found.length > 1) return { problem: `Several pipelines have a stage "${text}": ${names.join(", ")}.` };
  const there = [
    ...(names.length === 0 ? [] : [`the stages ${names.join(", ")}`]),
    ...(environments.length === 0 ? [] : [`the environments ${environments.join(", ")}`]),
  ];
  return {
    problem: `There is no stage or environment "${text}". There are ${there.join(" and ") || "none yet"}.`,
  };
}

/** As `findPlace`, for where versions go: nothing is deployed to the registry. */
export function findTarget(text: string, places: Places): FoundPlace<Target> {
  const found = findPlace(text, places);
  if ("problem" in found) return found;
  const { place } = found;
  return place.kind === "registry"
    ? { problem: "The registry is where versions come from, not where they go." }
    : { place };
}

/** A place in a word for people. */
export function placeName(place: Source | Target): string {
  if (place.kind === "registry") return "registry";
  return place.kind === "environment" ? place.environment : place.stage;
}

export function stageOf(pipelines: readonly PipelineView[], place: Source | Target): StageView | undefined {
  if (place.kind !== "stage") return undefined;
  return pipelines.find((entry) => entry.name === place.pipeline)?.stages.find((stage) => stage.name === place.stage);
}

/** The stage that delivers to a single environment: its sources are the first to offer there too. */
export function stageAround(pipelines: readonly PipelineView[], place: Target): StageView | undefined {
  if (place.kind !== "environment") return undefined;
  const stages = pipelines.flatMap((pipeline) => pipeline.stages);
  return stages.find((stage) => stage.environments.includes(place.environment));
}
