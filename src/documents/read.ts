import { z } from "zod";
import { type FieldPath, fieldLines, lineOf } from "../manifests/locate.ts";
import { ManifestError, parseYaml, type YamlText } from "../manifests/read.ts";
import { documentApiVersion, documentSchema, type FileProblem, type SluiceDocument } from "../model/documents.ts";
import { nearest } from "./nearest.ts";

/** One document with the place it is written. */
export interface WrittenDocument {
  readonly document: SluiceDocument;
  readonly file: string;
  readonly line: number;
  /** Lines of the parts that are checked against other documents, by their path (`spec.stages.0.from.1`). */
  readonly lines?: Readonly<Record<string, number>>;
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
    const { line } = yaml.starts[index]!;
    const parsed = documentSchema.safeParse(value);
    if (parsed.success)
      documents.push({ document: parsed.data, file, line, lines: linesOf(text, yaml, index, parsed.data) });
    else for (const issue of parsed.error.issues) problems.push(problemOf(file, text, yaml, index, issue));
  });
  return { documents, problems };
}

/** Ours, or meant to be: a mistyped or forgotten apiVersion must not make a document vanish without a word. */
function isOurs(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown };
  if (apiVersion === undefined || apiVersion === null) return kinds.some((known) => known === kind);
  if (typeof apiVersion !== "string") return false;
  return (
    apiVersion.split("/")[0] === documentApiVersion.split("/")[0] ||
    nearest(apiVersion, [documentApiVersion]) !== undefined
  );
}

function linesOf(text: string, yaml: YamlText, index: number, document: SluiceDocument): Record<string, number> {
  const all = fieldLines(text, yaml.events, yaml.starts[index]!, 5);
  const paths = crossChecked(document).map((path) => path.join("."));
  return Object.fromEntries(paths.flatMap((path) => (all.has(path) ? [[path, all.get(path)!]] : [])));
}

/** Paths of what a document says of other documents, or of its own parts. */
function crossChecked(document: SluiceDocument): FieldPath[] {
  if (document.kind === "Settings") return document.spec.registries.map((_, index) => ["spec", "registries", index]);
  if (document.kind === "Environment") return [["spec", "commits", "branch"]];
  return document.spec.stages.flatMap((stage, index) => {
    const place = ["spec", "stages", index];
    return [
      place,
      ...stage.environments.map((_, entry) => [...place, "environments", entry]),
      ...stage.from.map((_, entry) => [...place, "from", entry]),
    ];
  });
}

function problemOf(file: string, text: string, yaml: YamlText, document: number, issue: z.core.$ZodIssue): FileProblem {
  const path = issue.path.filter((step): step is string | number => typeof step !== "symbol");
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const place: FieldPath = unknown === undefined ? path : [...path, unknown];
  const line = lineOf(text, yaml.events, document, place);
  const where = path.length === 0 ? "" : `${path.join(".")}: `;
  return { file, ...(line === undefined ? {} : { line }), message: where + wordsOf(issue, path) };
}

function wordsOf(issue: z.core.$ZodIssue, path: FieldPath): string {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(key, path)).join("; ");
  if (path.length === 1 && path[0] === "apiVersion") return `write apiVersion: ${documentApiVersion}`;
  if (path.length === 1 && path[0] === "kind") return `there is no such kind; write ${kinds.join(", ")}`;
  if (path.at(-1) === "render")
    return "this version applies manifests as they stand; write render: plain or leave it out";
  if (issue.code === "invalid_type" && issue.message.includes("undefined")) return "is missing";
  if (issue.code === "invalid_union" && path.at(-2) === "from")
    return "write {registry: {}}, {stage: NAME} or {environment: NAME}";
  return issue.message;
}

const kinds = documentSchema.options.map((option) => option.shape.kind.value);

/** Keys of a stage that later versions know. Passing one over would let through what it was meant to hold. */
const laterKeys: Readonly<Record<string, string>> = {
  before: "gates of that kind are not supported by this version yet (a stage with promote: manual waits for a person)",
  after:
    "gates of that kind are not supported by this version yet (a stage is verified when its workloads are healthy)",
  queue:
    "queues are not supported by this version yet (a newer promotion takes over what an older one has not finished)",
};

function unknownKey(key: string, path: FieldPath): string {
  const later = path.at(-2) === "stages" && Object.hasOwn(laterKeys, key) ? laterKeys[key] : undefined;
  if (later !== undefined) return `"${key}": ${later}`;
  const close = nearest(key, keysAt(path));
  return `"${key}" is not known here${close === undefined ? "" : `; did you mean "${close}"?`}`;
}

/** The keys that may stand at a path of any kind of document, for "did you mean". */
function keysAt(path: FieldPath): string[] {
  return [...new Set(documentSchema.options.flatMap((option) => keysIn(option, path)))];
}

function keysIn(schema: z.core.$ZodType, path: FieldPath): string[] {
  const [step, ...rest] = path;
  const inner = bare(schema);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => keysIn(option, path));
  if (inner instanceof z.ZodArray) return typeof step === "number" ? keysIn(inner.element, rest) : [];
  if (!(inner instanceof z.ZodObject)) return [];
  if (step === undefined) return Object.keys(inner.shape);
  const next = Object.hasOwn(inner.shape, step) ? inner.shape[step] : undefined;
  return next === undefined ? [] : keysIn(next, rest);
}

/** A schema without what says only that it may be left out. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? bare(schema.unwrap()) : schema;
}
