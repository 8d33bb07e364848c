import type { ImageRules } from "../model/documents.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import { findMarkers } from "./markers.ts";
import { ManifestError, parseYaml, type ReadResult, readManifests, type YamlText } from "./read.ts";

/** How a file of an environment is read: as manifests, or as a file that an environment's document names (ImageRules). */
export type ReadAs =
  | { readonly kind: "manifests" }
  | { readonly kind: "kustomization" | "values"; readonly namespace: string; readonly name: string };

/** How an environment's document says a path is read. A file's workload is called as its folder unless it is given a name. */
export function readAs(path: string, rules: ImageRules): ReadAs {
  const rule = rules.files.find((file) => normal(file.path) === normal(path));
  if (rule === undefined) return { kind: "manifests" };
  return { kind: rule.kind, namespace: rule.namespace, name: rule.name ?? folderOf(path) };
}

/** Reads a file as what it is. A kustomization and a file of values are one entry each, empty ones none. */
export function readFile(text: string, as: ReadAs, parsed?: YamlText): ReadResult {
  if (as.kind === "manifests") return readManifests(text, parsed);
  try {
    const yaml = parsed ?? parseYaml(text);
    const written = yaml.documents.flatMap((content, document) => (content == null ? [] : [{ content, document }]));
    const [first, second] = written;
    if (first === undefined) return { ok: true, file: { objects: [] } };
    const { line } = yaml.starts[first.document]!;
    const problem = problemOf(first.content, as.kind);
    if (problem !== undefined) throw new ManifestError({ line, message: problem });
    if (second !== undefined)
      throw new ManifestError({
        line: yaml.starts[second.document]!.line,
        message: `${nouns[as.kind]} is one document, and here a second one begins`,
      });
    const markers = findMarkers(text, yaml.events);
    const entry = {
      object: standIn(as, first.content as Record<string, unknown>),
      document: first.document,
      line,
      foreign: { kind: as.kind, content: first.content },
      ...(markers.length === 0 ? {} : { markers }),
    };
    return { ok: true, file: { objects: [entry] } };
  } catch (thrown) {
    if (thrown instanceof ManifestError) return { ok: false, problem: thrown.problem };
    throw thrown;
  }
}

const nouns = { kustomization: "a kustomization", values: "a file of values" } as const;
const kustomizeGroup = "kustomize.config.k8s.io/";

function problemOf(content: unknown, kind: "kustomization" | "values"): string | undefined {
  if (typeof content !== "object" || content === null || Array.isArray(content))
    return `this is not ${nouns[kind]}, which is a mapping of keys to values`;
  if (kind === "values") return undefined;
  const { apiVersion } = content as Record<string, unknown>;
  return apiVersion === undefined || (typeof apiVersion === "string" && apiVersion.startsWith(kustomizeGroup))
    ? undefined
    : `this is not a kustomization of ${kustomizeGroup}..., as the environment's document says it is`;
}

/** What such a file counts as among workloads. A kustomization's own annotations hold its policies. */
function standIn(as: Exclude<ReadAs, { kind: "manifests" }>, content: Readonly<Record<string, unknown>>): KubeObject {
  const metadata = { name: as.name, namespace: as.namespace };
  if (as.kind === "values") return { apiVersion: "helm.sh/v1", kind: "HelmValues", metadata };
  const annotations = (content.metadata as KubeObject["metadata"] | undefined)?.annotations;
  return {
    apiVersion: typeof content.apiVersion === "string" ? content.apiVersion : `${kustomizeGroup}v1beta1`,
    kind: "Kustomization",
    metadata: annotations === undefined ? metadata : { ...metadata, annotations },
  };
}

function folderOf(path: string): string {
  return normal(path).split("/").at(-2) ?? "root";
}
function normal(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}
