import type { Environment, Pipeline, Stage } from "../model/documents.ts";
import { nearest } from "./nearest.ts";

/** Something a pipeline says that cannot be; `path` is the place in its document. */
export interface PipelineProblem {
  readonly path?: string;
  readonly message: string;
}

/** Checks a pipeline against the environments there are, and its stages against each other. */
export function checkPipeline(pipeline: Pipeline, environments: ReadonlyMap<string, Environment>): PipelineProblem[] {
  const wrong = [...checkTargets(pipeline, environments), ...checkSources(pipeline, environments)];
  return wrong.length > 0 ? wrong : findCircle(pipeline);
}

function checkTargets(pipeline: Pipeline, environments: ReadonlyMap<string, Environment>): PipelineProblem[] {
  const wrong: PipelineProblem[] = [];
  const stages = new Set<string>();
  const owners = new Map<string, string>();
  pipeline.stages.forEach((stage, index) => {
    const path = `spec.stages.${index}`;
    if (stages.has(stage.name)) wrong.push({ path, message: `stage ${stage.name} is written twice` });
    stages.add(stage.name);
    if (stage.name === "registry")
      wrong.push({
        path,
        message: 'a stage cannot be called "registry": as a source that word means the image registry',
      });
    stage.environments.forEach((name, place) => {
      const at = `${path}.environments.${place}`;
      const owner = owners.get(name);
      if (!environments.has(name))
        wrong.push({
          path: at,
          message: unknown(`stage ${stage.name} delivers to environment`, name, environments.keys()),
        });
      else if (owner === stage.name)
        wrong.push({ path: at, message: `stage ${stage.name} names environment ${name} twice` });
      else if (owner !== undefined)
        wrong.push({ path: at, message: `environment ${name} belongs to the stages ${owner} and ${stage.name}` });
      owners.set(name, owner ?? stage.name);
    });
  });
  return wrong;
}

function checkSources(pipeline: Pipeline, environments: ReadonlyMap<string, Environment>): PipelineProblem[] {
  const names = pipeline.stages.map((stage) => stage.name);
  return pipeline.stages.flatMap((stage, index) =>
    stage.from.flatMap((source, place): PipelineProblem[] => {
      const path = `spec.stages.${index}.from.${place}`;
      if ("stage" in source && !names.includes(source.stage))
        return [{ path, message: unknown(`stage ${stage.name} takes from stage`, source.stage, names) }];
      if ("environment" in source && !environments.has(source.environment)) {
        const what = `stage ${stage.name} takes from environment`;
        return [{ path, message: unknown(what, source.environment, environments.keys()) }];
      }
      return [];
    }),
  );
}

/** A circle of stages that take from each other, also by way of their environments. */
function findCircle(pipeline: Pipeline): PipelineProblem[] {
  const owners = new Map(
    pipeline.stages.flatMap((stage) => stage.environments.map((name) => [name, stage.name] as const)),
  );
  const upstream = (stage: Stage): string[] =>
    stage.from.flatMap((source) => {
      const name =
        "stage" in source ? source.stage : "environment" in source ? owners.get(source.environment) : undefined;
      return name === undefined ? [] : [name];
    });
  const stages = new Map(pipeline.stages.map((stage) => [stage.name, stage]));
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): PipelineProblem[] => {
    if (trail.includes(name)) {
      const circle = [...trail.slice(trail.indexOf(name)), name].join(" <- ");
      const index = pipeline.stages.findIndex((stage) => stage.name === name);
      return [{ path: `spec.stages.${index}`, message: `stages take from each other in a circle: ${circle}` }];
    }
    if (done.has(name)) return [];
    done.add(name);
    for (const source of upstream(stages.get(name)!)) {
      const circle = visit(source, [...trail, name]);
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

function unknown(what: string, name: string, known: Iterable<string>): string {
  const close = nearest(name, [...known]);
  return `${what} "${name}", which does not exist${close === undefined ? "" : `; did you mean "${close}"?`}`;
}
