import type { Configuration, Environment, FileProblem, Pipeline, RegistryEndpoint } from "../model/documents.ts";
import { parseImage } from "../model/image.ts";
import { checkPipeline, type PipelineProblem } from "./pipeline.ts";
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
  const registries = new Map<string, RegistryEndpoint>();
  for (const written of firstOfEach(documents, found)) {
    const { document } = written;
    const { name } = document.metadata;
    if (document.kind === "Environment") {
      const { cluster, git, health, images, commits } = document.spec;
      const environment = { name, cluster, git, health, images, commits };
      const other = sharesReviews(environment, environments);
      const message = `its review branch is that of ${other}, which applies another branch; write for example sluice/{release}`;
      if (other !== undefined) found.push(problemOf(written, { path: "spec.commits.branch", message }));
      const old = before?.environments.get(name);
      if (other === undefined) environments.set(name, environment);
      else if (old !== undefined && sharesReviews(old, environments) === undefined) environments.set(name, old);
    } else if (document.kind === "Pipeline") pipelines.set(name, { pipeline: { name, ...document.spec }, written });
    else joinRegistries(registries, document.spec.registries, written, found);
  }
  const good = new Map<string, Pipeline>();
  for (const [name, { pipeline, written }] of pipelines) {
    const wrong = checkPipeline(pipeline, environments);
    const old = before?.pipelines.get(name);
    if (wrong.length === 0) good.set(name, pipeline);
    else if (old !== undefined && checkPipeline(old, environments).length === 0) good.set(name, old);
    for (const problem of wrong) found.push(problemOf(written, problem));
  }
  return { commit, environments, pipelines: good, registries: [...registries.values()], problems: found };
}

/** The environment whose reviews would mix with this one's, though they are merged into different branches. */
function sharesReviews(
  { git, commits }: Environment,
  environments: ReadonlyMap<string, Environment>,
): string | undefined {
  if (commits.branch === undefined || commits.branch.includes("{release}")) return undefined;
  const others = [...environments.values()].filter(
    (other) => other.git.repository === git.repository && other.commits.branch === commits.branch,
  );
  return others.find((other) => other.git.branch !== git.branch)?.name;
}

/** The documents without those whose kind and name another has already. */
function firstOfEach(documents: readonly WrittenDocument[], found: FileProblem[]): WrittenDocument[] {
  const seen = new Map<string, WrittenDocument>();
  for (const written of documents) {
    const key = `${written.document.kind} ${written.document.metadata.name}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, written);
    else
      found.push({
        file: written.file,
        line: written.line,
        message: `${key} is written twice; the one in ${first.file} line ${first.line} counts`,
      });
  }
  return [...seen.values()];
}

/** Hosts are compared as image names are: Docker Hub has several. */
function joinRegistries(
  registries: Map<string, RegistryEndpoint>,
  wanted: readonly RegistryEndpoint[],
  written: WrittenDocument,
  found: FileProblem[],
): void {
  wanted.forEach((registry, index) => {
    const fail = (message: string) => found.push(problemOf(written, { path: `spec.registries.${index}`, message }));
    const ref = parseImage(`${registry.host}/a/b`);
    const host = ref?.path === "a/b" ? ref.host : undefined;
    if (host === undefined)
      fail(`"${registry.host}" is not a registry's host; write it as in image names, without https://`);
    else if (registries.has(host)) fail(`registry ${host} is written twice; the first one counts`);
    else registries.set(host, { ...registry, host });
  });
}

function problemOf(written: WrittenDocument, { path, message }: PipelineProblem): FileProblem {
  const { document, file } = written;
  const line = (path === undefined ? undefined : written.lines?.[path]) ?? written.line;
  return { file, line, message: `${document.kind} ${document.metadata.name}: ${message}` };
}
