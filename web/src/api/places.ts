import type { Source, Target } from "../../../src/model/source.ts";
import type { PipelineView, StageView } from "../../../src/model/views.ts";

/** A place as the page writes it in an address: `registry`, `shop/prod` for a stage, `prod-eu` for an environment. */
export function writePlace(place: Source | Target): string {
  if (place.kind === "registry") return "registry";
  return place.kind === "environment" ? place.environment : `${place.pipeline}/${place.stage}`;
}

/** Reads what `writePlace` wrote; whether the place exists is the server's to say. */
export function readPlace(text: string): Source {
  if (text === "registry") return { kind: "registry" };
  const slash = text.indexOf("/");
  if (slash < 0) return { kind: "environment", environment: text };
  return { kind: "stage", pipeline: text.slice(0, slash), stage: text.slice(slash + 1) };
}

export function readTarget(text: string): Target | undefined {
  const place = readPlace(text);
  return place.kind === "registry" ? undefined : place;
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
