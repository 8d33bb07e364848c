import { constructFromEvents, EVENT_ID, type Event, parseEvents, YAMLException } from "js-yaml";
import type { KubeObject } from "../model/kubernetes.ts";
import { manifestSchema } from "./schema.ts";

/** Bounds on what one file may hold: repositories are hostile input. */
const maxFileLength = 4_000_000;
const maxDepth = 60;
const maxAliases = 1_000;
const maxExpandedNodes = 500_000;

/** One object of a file. Items of a `List` count as objects of the same document. */
export interface ManifestObject {
  readonly object: KubeObject;
  /** Place of its document in the file, from 0. */
  readonly document: number;
  /** Place in a List's items, where it stands in one. */
  readonly item?: number;
  /** 1-based line its document starts at. */
  readonly line: number;
}
export interface ManifestFile {
  readonly objects: readonly ManifestObject[];
}
export interface ManifestProblem {
  readonly line?: number;
  readonly message: string;
}
export type ReadResult =
  | { readonly ok: true; readonly file: ManifestFile }
  | { readonly ok: false; readonly problem: ManifestProblem };

/** The documents of a YAML text with the parser's events, which carry source offsets. */
export interface YamlText {
  readonly events: readonly Event[];
  readonly documents: readonly unknown[];
  /** 1-based first line of each document's content. */
  readonly lines: readonly number[];
}

/** Parses YAML as kubectl reads it. Throws ManifestError with a line. */
export function parseYaml(text: string): YamlText {
  if (text.length > maxFileLength) throw new ManifestError({ message: `longer than ${maxFileLength} characters` });
  try {
    const events = parseEvents(text, { maxDepth });
    const documents = constructFromEvents(events, { source: text, schema: manifestSchema, maxAliases });
    let nodes = 0;
    for (const document of documents) nodes = countNodes(document, nodes);
    return { events, documents, lines: documentLines(text, events) };
  } catch (thrown) {
    if (thrown instanceof ManifestError) throw thrown;
    if (thrown instanceof YAMLException) {
      const line = thrown.mark === undefined ? undefined : thrown.mark.line + 1;
      throw new ManifestError({ ...(line === undefined ? {} : { line }), message: thrown.reason });
    }
    throw new ManifestError({ message: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

/** A text that is no manifest. */
export class ManifestError extends Error {
  readonly problem: ManifestProblem;
  constructor(problem: ManifestProblem) {
    super(problem.line === undefined ? problem.message : `line ${problem.line}: ${problem.message}`);
    this.problem = problem;
  }
}

/** Reads a file of Kubernetes objects; empty documents are left out, anything else without a kind is a problem. */
export function readManifests(text: string): ReadResult {
  try {
    const yaml = parseYaml(text);
    const objects: ManifestObject[] = [];
    yaml.documents.forEach((value, document) => {
      if (value === null || value === undefined) return;
      const line = yaml.lines[document] ?? 1;
      const object = requireObject(value, line);
      if (!object.kind.endsWith("List") || !Array.isArray(object.items)) {
        objects.push({ object: requireName(object, line), document, line });
        return;
      }
      object.items.forEach((entry: unknown, item) => {
        objects.push({ object: requireName(requireObject(entry, line), line), document, item, line });
      });
    });
    return { ok: true, file: { objects } };
  } catch (thrown) {
    if (thrown instanceof ManifestError) return { ok: false, problem: thrown.problem };
    throw thrown;
  }
}

function requireObject(value: unknown, line: number): KubeObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ManifestError({ line, message: "this document is not a Kubernetes object" });
  const { apiVersion, kind } = value as Record<string, unknown>;
  if (typeof apiVersion !== "string" || typeof kind !== "string")
    throw new ManifestError({
      line,
      message: "this document has no apiVersion and kind, so it is not a Kubernetes object",
    });
  return value as KubeObject;
}

function requireName(object: KubeObject, line: number): KubeObject {
  const name: unknown = object.metadata?.name;
  if (typeof name !== "string" || name === "")
    throw new ManifestError({ line, message: `this ${object.kind} has no metadata.name` });
  const namespace: unknown = object.metadata.namespace;
  if (namespace !== undefined && typeof namespace !== "string")
    throw new ManifestError({ line, message: `the namespace of ${object.kind} ${name} is not text` });
  return object;
}

/** Aliases share values, so a small text can stand for a huge one: the walk counts what it would expand to. */
function countNodes(value: unknown, sum: number): number {
  let total = sum + 1;
  if (total > maxExpandedNodes) throw new ManifestError({ message: `expands to more than ${maxExpandedNodes} values` });
  if (Array.isArray(value)) for (const entry of value) total = countNodes(entry, total);
  else if (typeof value === "object" && value !== null)
    for (const entry of Object.values(value)) total = countNodes(entry, total);
  return total;
}

function documentLines(text: string, events: readonly Event[]): number[] {
  const lines: number[] = [];
  let line = 1;
  let at = 0;
  let fresh = false;
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) {
      lines.push(line);
      fresh = true;
    } else if (fresh) {
      const start = "start" in event ? event.start : "valueStart" in event ? event.valueStart : -1;
      for (; at < start; at++) if (text.charCodeAt(at) === 10) line++;
      lines[lines.length - 1] = line;
      fresh = false;
    }
  }
  return lines;
}
