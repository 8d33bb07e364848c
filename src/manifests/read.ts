import { constructFromEvents, EVENT_ID, type Event, parseEvents, SCALAR_STYLE, YAMLException } from "js-yaml";
import type { KubeObject } from "../model/kubernetes.ts";
import { needsMeasuring, outOfBounds, tooBigToRead, tooManyEvents } from "./bounds.ts";
import { type DocumentStart, fieldLines, lineAt, startOf } from "./locate.ts";
import { findMarkers, type Marker, markersOfObjects } from "./markers.ts";
import { manifestSchema } from "./schema.ts";

/** Bounds on what one file may hold: repositories are hostile input. */
const maxFileLength = 4_000_000;
const maxDepth = 60;
const maxAliases = 1_000;

/** One object of a file. Items of a `List` count as objects of the same document. */
export interface ManifestObject {
  /** The object; of a file that holds none (`foreign`), what it counts as. */
  readonly object: KubeObject;
  /** Place of its document in the file, from 0. */
  readonly document: number;
  /** Place in a List's items, where it stands in one. */
  readonly item?: number;
  /** 1-based line its document starts at, or its place in the List. */
  readonly line: number;
  /** Flux v2's markers in its text; left out where there are none. */
  readonly markers?: readonly Marker[];
  /** Present where the file holds no Kubernetes object: how it is read, and its document as written. */
  readonly foreign?: { readonly kind: "kustomization" | "values"; readonly content: unknown };
}

/** What the paths of an entry's image places lead into: the object, or the document of a file that holds none. */
export function contentOf(entry: ManifestObject): unknown {
  return entry.foreign === undefined ? entry.object : entry.foreign.content;
}

interface ManifestFile {
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
  /** Where each document's content begins. */
  readonly starts: readonly DocumentStart[];
}

/** Parses YAML as kubectl reads it. Throws ManifestError, with a line wherever one can be known. */
export function parseYaml(text: string): YamlText {
  if (text.length > maxFileLength)
    throw new ManifestError({ message: `the file is longer than ${maxFileLength} characters` });
  refuseTooMuch(tooBigToRead(text));
  try {
    const events = parseEvents(text, { maxDepth });
    refuseTooMuch(tooManyEvents(events.length));
    const documents = constructFromEvents(events, { source: text, schema: manifestSchema, maxAliases });
    const excess = needsMeasuring(text, events) ? outOfBounds(documents, events.length) : undefined;
    if (excess !== undefined) throw new ManifestError(excessProblem(text, events, excess));
    return { events, documents, starts: documentStarts(text, events) };
  } catch (thrown) {
    throw thrown instanceof YAMLException ? new ManifestError(yamlProblem(text, thrown)) : thrown;
  }
}

function refuseTooMuch(message: string | undefined): void {
  if (message !== undefined) throw new ManifestError({ message });
}

const templateStart = /^(?:.*[:-]\s+)?\{\{/;

/** What the parser says; for a template that was never rendered, that it is one, and where. */
function yamlProblem(text: string, thrown: YAMLException): ManifestProblem {
  const line = thrown.mark === undefined ? undefined : thrown.mark.line + 1;
  const reason = thrown.reason.length > 300 ? `${thrown.reason.slice(0, 300)}...` : thrown.reason;
  const template = text.split("\n").findIndex((entry) => templateStart.test(entry)) + 1;
  if (template > 0) {
    const parser = line === undefined ? reason : `line ${line}: ${reason}`;
    return {
      line: template,
      message: `this looks like a template ({{ ... }}), which is no manifest until it is rendered (${parser})`,
    };
  }
  if (thrown.mark === undefined) return { message: reason };
  const { line: row, column, position } = thrown.mark;
  const behindTab = /\t *[[{]?$/.test(text.slice(Math.max(0, position - 100), position));
  const tab = behindTab && !/\btabs?\b/i.test(reason) ? "; a tab stands before it, put blanks instead" : "";
  return { line: row + 1, message: `${reason} (column ${column + 1})${tab}` };
}

function excessProblem(
  text: string,
  events: readonly Event[],
  excess: { readonly reason: string; readonly numberless?: true },
): ManifestProblem {
  const culprit = events.find((event) =>
    excess.numberless
      ? event.type === EVENT_ID.SCALAR &&
        event.style === SCALAR_STYLE.PLAIN &&
        isNumberless(text.slice(event.valueStart, event.valueEnd))
      : event.type === EVENT_ID.ALIAS,
  );
  const at =
    culprit?.type === EVENT_ID.SCALAR
      ? culprit.valueStart
      : culprit?.type === EVENT_ID.ALIAS
        ? culprit.anchorStart
        : -1;
  return { ...(at < 0 ? {} : { line: lineAt(text, at) }), message: excess.reason };
}

function isNumberless(scalar: string): boolean {
  return /^[-+]?\.(?:inf|nan)$/i.test(scalar) || (/^[-+]?[0-9]/.test(scalar) && Math.abs(Number(scalar)) === Infinity);
}

/** A text that is no manifest. */
export class ManifestError extends Error {
  readonly problem: ManifestProblem;
  constructor(problem: ManifestProblem) {
    super(problem.line === undefined ? problem.message : `line ${problem.line}: ${problem.message}`);
    this.problem = problem;
  }
}

/**
 * Reads a file of Kubernetes objects. Empty files and documents hold none, which is no problem. A document that is no
 * Kubernetes object (a chart's values, a kustomization) makes the whole file a problem: an environment's folder is
 * applied as it stands, and what was meant otherwise must be told, never passed over. Who has the text parsed hands that in.
 */
export function readManifests(text: string, parsed?: YamlText): ReadResult {
  try {
    const yaml = parsed ?? parseYaml(text);
    const markersOf = markersOfObjects(findMarkers(text, yaml.events));
    const marked = (document: number, item?: number): Pick<ManifestObject, "markers"> => {
      const mine = markersOf(document, item);
      return mine.length === 0 ? {} : { markers: mine };
    };
    const objects: ManifestObject[] = [];
    yaml.documents.forEach((value, document) => {
      if (value === null || value === undefined) return;
      const start = yaml.starts[document]!;
      const { line } = start;
      const object = requireObject(value, line);
      if (!isList(object)) {
        objects.push({ object: requireNames(object, line), document, line, ...marked(document) });
        return;
      }
      const lines = fieldLines(text, yaml.events, start, 2);
      object.items?.forEach((entry: unknown, item) => {
        const itemLine = lines.get(`items.${item}`) ?? line;
        const inside = requireNames(requireObject(entry, itemLine), itemLine);
        objects.push({ object: inside, document, item, line: itemLine, ...marked(document, item) });
      });
    });
    return { ok: true, file: { objects } };
  } catch (thrown) {
    if (thrown instanceof ManifestError) return { ok: false, problem: thrown.problem };
    throw thrown;
  }
}

/** `List` and kinds such as `ConfigMapList`, whose items count instead of them. */
function isList(object: KubeObject): object is KubeObject & { items: unknown[] | null | undefined } {
  if (!object.kind.endsWith("List")) return false;
  return (
    Array.isArray(object.items) || (object.kind === "List" && (object.items === null || object.items === undefined))
  );
}

function requireObject(value: unknown, line: number): KubeObject {
  const fail = (message: string): never => {
    throw new ManifestError({ line, message });
  };
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return fail("this document is not a Kubernetes object");
  const { apiVersion, kind } = value as Record<string, unknown>;
  if (typeof apiVersion === "string" && apiVersion.startsWith("kustomize.config.k8s.io/"))
    return fail(
      "this is a kustomization, and this environment applies its files as they stand; name the folders to apply in the environment's paths, or move this file out of them",
    );
  if (typeof apiVersion !== "string" || typeof kind !== "string" || apiVersion === "" || kind === "")
    return fail(
      "this document has no apiVersion and kind, so it is not a Kubernetes object; move it out of the environment's paths",
    );
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(kind)) return fail(`${JSON.stringify(kind)} is not a kind`);
  return value as KubeObject;
}

/** Names end up in commit trailers and addresses: nothing may stand in them that could be mistaken for more than a name. */
const namePattern = /^[^\s/%\p{C}]+$/u;

function requireNames(object: KubeObject, line: number): KubeObject {
  const metadata: unknown = object.metadata;
  const { name, namespace } = (typeof metadata === "object" && metadata !== null ? metadata : {}) as Record<
    string,
    unknown
  >;
  if (typeof name !== "string" || name === "")
    throw new ManifestError({ line, message: `this ${object.kind} has no metadata.name` });
  if (!namePattern.test(name))
    throw new ManifestError({ line, message: `${JSON.stringify(name)} cannot be the name of a ${object.kind}` });
  if (namespace !== undefined && namespace !== null && (typeof namespace !== "string" || !namePattern.test(namespace)))
    throw new ManifestError({ line, message: `the namespace of ${object.kind} ${name} is not a name` });
  return object;
}

function documentStarts(text: string, events: readonly Event[]): DocumentStart[] {
  const starts: DocumentStart[] = [];
  let line = 1;
  let offset = 0;
  events.forEach((event, index) => {
    if (event.type !== EVENT_ID.DOCUMENT) return;
    const at = startOf(events[index + 1]);
    for (; offset < at; offset++) if (text.charCodeAt(offset) === 10) line++;
    starts.push({ event: index + 1, offset, line });
  });
  return starts;
}
