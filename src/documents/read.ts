import type { z } from "zod";
import { type FieldPath, lineOf } from "../manifests/locate.ts";
import { ManifestError, parseYaml, type YamlText } from "../manifests/read.ts";
import { documentApiVersion, documentSchema, type FileProblem, type SluiceDocument } from "../model/documents.ts";
import { nearest } from "./nearest.ts";

/** One document with the place it is written. */
export interface WrittenDocument {
  readonly document: SluiceDocument;
  readonly file: string;
  readonly line: number;
}
export interface ReadDocuments {
  readonly documents: readonly WrittenDocument[];
  readonly problems: readonly FileProblem[];
}

/**
 * Reads the configuration documents of a file. Documents of other API versions (manifests beside them) are passed
 * over. A bad document becomes a problem with its line and never takes the others of the file down; a file that is no
 * YAML is one problem.
 */
export function readDocuments(file: string, text: string): ReadDocuments {
  let yaml: YamlText;
  try {
    yaml = parseYaml(text);
  } catch (thrown) {
    if (!(thrown instanceof ManifestError)) throw thrown;
    return { documents: [], problems: [{ file, ...thrown.problem }] };
  }
  const documents: WrittenDocument[] = [];
  const problems: FileProblem[] = [];
  yaml.documents.forEach((value, index) => {
    if (!isOurs(value)) return;
    const line = yaml.lines[index] ?? 1;
    const parsed = documentSchema.safeParse(value);
    if (parsed.success) documents.push({ document: parsed.data, file, line });
    else for (const issue of parsed.error.issues) problems.push(problemOf(file, text, yaml, index, issue));
  });
  return { documents, problems };
}

function isOurs(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { apiVersion } = value as { apiVersion?: unknown };
  return typeof apiVersion === "string" && apiVersion.startsWith(`${documentApiVersion.split("/")[0]}/`);
}

function problemOf(file: string, text: string, yaml: YamlText, document: number, issue: z.core.$ZodIssue): FileProblem {
  const path = issue.path.filter((step): step is string | number => typeof step !== "symbol");
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const place: FieldPath = unknown === undefined ? path : [...path, unknown];
  const line =
    lineOf(text, yaml.events, document, place) ?? lineOf(text, yaml.events, document, path) ?? yaml.lines[document];
  const where = path.length === 0 ? "" : `${path.join(".")}: `;
  return { file, ...(line === undefined ? {} : { line }), message: where + wordsOf(issue, path) };
}

function wordsOf(issue: z.core.$ZodIssue, path: FieldPath): string {
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const close = nearest(key, knownKeys);
    return `"${key}" is not known here${close === undefined ? "" : `; did you mean "${close}"?`}`;
  }
  if (issue.code === "invalid_type" && issue.message.includes("undefined")) return "is missing";
  if (issue.code === "invalid_union" && path.at(-2) === "from")
    return "write {registry: {}}, {stage: NAME} or {environment: NAME}";
  return issue.message;
}

/** Every key a document may have, for "did you mean". */
const knownKeys = [
  "apiVersion",
  "kind",
  "metadata",
  "name",
  "spec",
  "cluster",
  "git",
  "repository",
  "branch",
  "paths",
  "render",
  "health",
  "settle",
  "failAfter",
  "deadline",
  "workloads",
  "namespace",
  "stages",
  "environments",
  "order",
  "from",
  "fromOnly",
  "promote",
  "onFailure",
  "registry",
  "stage",
  "environment",
  "registries",
  "host",
  "endpoint",
  "poll",
];
