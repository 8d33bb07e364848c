import type { Configuration, Environment, FileProblem, Pipeline, RegistryEndpoint, Stage } from "../model/documents.ts";
import { nearest } from "./nearest.ts";
import type { WrittenDocument } from "./read.ts";

/**
 * Joins documents into the configuration in force. A document that contradicts another (same name twice, a stage that
 * names an environment that is not there) is left out with a problem; the rest stands. A pipeline whose new version
 * is wrong keeps the one of `before` in force, as long as that one still fits.
 */
export function joinDocuments(
  commit: string,
  documents: readonly WrittenDocument[],
  problems: readonly FileProblem[],
  before?: Configuration,
): Configuration {
  const found: FileProblem[] = [...problems];
  const environments = new Map<string, Environment>();
  const pipelines = new Map<string, { pipeline: Pipeline; written: WrittenDocument }>();
  const registries: RegistryEndpoint[] = [];
  const seen = new Map<string, WrittenDocument>();
  for (const written of documents) {
    const { document, file, line } = written;
    const key = `${document.kind} ${document.metadata.name}`;
    const first = seen.get(key);
    if (first !== undefined) {
      found.push({
        file,
        line,
        message: `${key} is written twice; the one in ${first.file} line ${first.line} counts`,
      });
      continue;
    }
    seen.set(key, written);
    const { name } = document.metadata;
    if (document.kind === "Environment")
      environments.set(name, {
        name,
        cluster: document.spec.cluster,
        git: document.spec.git,
        health: document.spec.health,
      });
    else if (document.kind === "Pipeline") pipelines.set(name, { pipeline: { name, ...document.spec }, written });
    else registries.push(...document.spec.registries);
  }
  const good = new Map<string, Pipeline>();
  for (const [name, { pipeline, written }] of pipelines) {
    const wrong = checkPipeline(pipeline, environments);
    const old = before?.pipelines.get(name);
    if (wrong.length === 0) good.set(name, pipeline);
    else if (old !== undefined && checkPipeline(old, environments).length === 0) good.set(name, old);
    for (const message of wrong)
      found.push({ file: written.file, line: written.line, message: `Pipeline ${name}: ${message}` });
  }
  return { commit, environments, pipelines: good, registries, problems: found };
}

function checkPipeline(pipeline: Pipeline, environments: ReadonlyMap<string, Environment>): string[] {
  const wrong: string[] = [];
  const stages = new Map<string, Stage>();
  const owner = new Map<string, string>();
  for (const stage of pipeline.stages) {
    if (stages.has(stage.name)) wrong.push(`stage ${stage.name} is written twice`);
    stages.set(stage.name, stage);
    for (const name of stage.environments) {
      if (!environments.has(name))
        wrong.push(
          unknownName(`stage ${stage.name} delivers to environment "${name}"`, name, [...environments.keys()]),
        );
      if (owner.has(name)) wrong.push(`environment ${name} belongs to the stages ${owner.get(name)} and ${stage.name}`);
      owner.set(name, stage.name);
    }
  }
  for (const stage of pipeline.stages)
    for (const source of stage.from) {
      if ("stage" in source && !stages.has(source.stage))
        wrong.push(
          unknownName(`stage ${stage.name} takes from stage "${source.stage}"`, source.stage, [...stages.keys()]),
        );
      if ("environment" in source && !environments.has(source.environment))
        wrong.push(
          unknownName(`stage ${stage.name} takes from environment "${source.environment}"`, source.environment, [
            ...environments.keys(),
          ]),
        );
    }
  return wrong.length > 0 ? wrong : findCircle(pipeline, stages);
}

function findCircle(pipeline: Pipeline, stages: ReadonlyMap<string, Stage>): string[] {
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): string[] => {
    if (trail.includes(name))
      return [`stages take from each other in a circle: ${[...trail.slice(trail.indexOf(name)), name].join(" <- ")}`];
    if (done.has(name)) return [];
    done.add(name);
    for (const source of stages.get(name)?.from ?? []) {
      const circle = "stage" in source ? visit(source.stage, [...trail, name]) : [];
      if (circle.length > 0) return circle;
    }
    return [];
  };
  for (const stage of pipeline.stages) {
    const circle = visit(stage.name, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

function unknownName(what: string, name: string, known: readonly string[]): string {
  const close = nearest(name, known);
  return `${what}, which does not exist${close === undefined ? "" : `; did you mean "${close}"?`}`;
}
