import { LRUCache } from "lru-cache";
import { SluiceError } from "../../errors.ts";
import { type ImageRules, noImageRules } from "../../model/documents.ts";
import { workloadId } from "../../model/workload.ts";
import { readAs, readFile } from "../files.ts";
import { type FieldPath, lineOf } from "../locate.ts";
import type { ImagePlace } from "../place.ts";
import { ManifestError, type ManifestObject, parseYaml, type YamlText } from "../read.ts";
import { imagePlacesOf } from "../workloads.ts";
import type { EditOptions } from "./edits.ts";
import { Selectors } from "./selectors.ts";

/** A file that is being edited: its text, what the parser said of it, and its objects. */
export interface EditSource {
  readonly file: string;
  readonly text: string;
  readonly yaml: YamlText;
  readonly rules: ImageRules;
  readonly objects: readonly ManifestObject[];
  /** By workload id; of an object written twice the first, which counts everywhere else too. */
  readonly byWorkload: ReadonlyMap<string, ManifestObject>;
  readonly selectors: Selectors;
}

/** Reads a file for editing, as its environment reads it. Throws `invalid_manifest` with its line when it cannot be read. */
export function readSource(
  file: string,
  text: string,
  { rules = noImageRules, neighbours }: EditOptions = {},
): EditSource {
  const yaml = parse(file, text);
  const read = readFile(text, readAs(file, rules), yaml);
  if (!read.ok) throw refusal(file, read.problem.line, read.problem.message);
  const { objects } = read.file;
  const byWorkload = new Map<string, ManifestObject>();
  for (const entry of objects) {
    const { kind, metadata } = entry.object;
    const id = workloadId(metadata.namespace ?? "default", kind, metadata.name);
    if (!byWorkload.has(id)) byWorkload.set(id, entry);
  }
  const own = objects.map((entry) => entry.object);
  const selectors = new Selectors(() => (neighbours === undefined ? own : chained(own, neighbours())));
  return { file, text, yaml, rules, objects, byWorkload, selectors };
}

function* chained<T>(first: Iterable<T>, second: Iterable<T>): Generator<T> {
  yield* first;
  yield* second;
}

/** What was read last, for whoever makes one edit on top of another: an edited text has been read when it was proven. */
const recent = new LRUCache<string, YamlText>({
  max: 50,
  maxSize: 1_000_000,
  sizeCalculation: (_, text) => text.length + 1,
});

/** Remembers an edited text as it was read for its proof. */
export function remember(text: string, yaml: YamlText): void {
  if (text.length < recent.maxSize / 4) recent.set(text, yaml);
}

function parse(file: string, text: string): YamlText {
  const known = recent.get(text);
  if (known !== undefined) return known;
  try {
    return parseYaml(text);
  } catch (thrown) {
    if (thrown instanceof ManifestError) throw refusal(file, thrown.problem.line, thrown.problem.message);
    throw thrown;
  }
}

const placesFound = new WeakMap<ManifestObject, readonly ImagePlace[]>();

/** The image places of an entry of a source, looked for once however many edits ask. */
export function placesOf({ rules }: EditSource, entry: ManifestObject): readonly ImagePlace[] {
  const places = placesFound.get(entry) ?? imagePlacesOf(entry, rules);
  placesFound.set(entry, places);
  return places;
}

/** A path in what an entry's places lead into as a path in its document. */
export function inDocument(entry: ManifestObject, path: FieldPath): FieldPath {
  return entry.item === undefined ? path : ["items", entry.item, ...path];
}

/** The refusal of something at a path of a document, with the line it stands on. */
export function refuseAt(
  { file, text, yaml }: EditSource,
  document: number,
  path: FieldPath,
  reason: string,
): SluiceError {
  return refusal(file, lineOf(text, yaml.events, document, path), reason);
}

/** An `invalid_manifest` that names file and line. */
export function refusal(file: string, line: number | undefined, reason: string): SluiceError {
  const place = line === undefined ? file : `${file} line ${line}`;
  return new SluiceError("invalid_manifest", `${place}: ${reason}`, { file, line });
}
