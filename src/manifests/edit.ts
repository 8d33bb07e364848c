import { isDeepStrictEqual } from "node:util";
import { SCALAR_STYLE } from "js-yaml";
import { SluiceError } from "../errors.ts";
import { parseImage } from "../model/image.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import { workloadId } from "../model/workload.ts";
import { type FieldPath, lineAt, lineOf, locateScalar, type ScalarPlace } from "./locate.ts";
import { type ManifestObject, parseYaml, readManifests, type YamlText } from "./read.ts";
import { imagePlaces } from "./workloads.ts";

/** A new image for one container of one workload. */
export interface ImageEdit {
  readonly workload: string;
  readonly container: string;
  readonly image: string;
}

/** One planned value: which object of the file, where in it, and the range of the text it replaces (none: it stands there already). */
interface PlannedValue {
  readonly index: number;
  readonly path: FieldPath;
  readonly value: string;
  readonly splice?: { readonly start: number; readonly end: number; readonly text: string };
}

/**
 * Replaces the images of a file and nothing else: the new text differs from the old one in the bytes of the planned
 * values only, which is proven by reading it again and comparing every object. Throws `invalid_manifest` with file,
 * line and reason when a value cannot be replaced in place; the text is then untouched.
 */
export function editImages(file: string, text: string, edits: readonly ImageEdit[]): string {
  const before = read(file, text);
  const yaml = parseYaml(text);
  const planned = edits.map((edit) => planValue(file, text, yaml, before, edit));
  refuseConflicts(file, text, planned);
  const splices = planned.flatMap(({ splice }) => (splice === undefined ? [] : [splice]));
  splices.sort((a, b) => b.start - a.start);
  let result = text;
  for (const splice of splices) result = result.slice(0, splice.start) + splice.text + result.slice(splice.end);
  prove(file, text, before, readManifests(result), planned);
  return result;
}

function planValue(
  file: string,
  text: string,
  yaml: YamlText,
  objects: readonly ManifestObject[],
  edit: ImageEdit,
): PlannedValue {
  const index = objects.findIndex((entry) => idOf(entry.object) === edit.workload);
  const entry = objects[index];
  const place = entry && imagePlaces(entry.object).find((candidate) => candidate.container === edit.container);
  if (entry === undefined || place === undefined)
    throw refuse(file, entry?.line, `${edit.workload} has no container ${edit.container} in this file`);
  if (parseImage(edit.image) === undefined)
    throw refuse(file, entry.line, `${JSON.stringify(edit.image)} is no image reference`);
  const planned = { index, path: place.parts[0]!.path, value: edit.image };
  if (place.image === edit.image) return planned;
  const path = entry.item === undefined ? place.parts[0]!.path : ["items", entry.item, ...place.parts[0]!.path];
  const scalar = locateScalar(text, yaml.events, entry.document, path);
  if (scalar === undefined) {
    const line = lineOf(text, yaml.events, entry.document, path);
    const what = `the image of ${edit.workload} ${edit.container}`;
    throw refuse(file, line, `${what} comes from a YAML alias or merge; write it out where it is used`);
  }
  const range = isBlock(scalar) ? lineOfBlock(file, text, scalar, place.image) : scalar;
  return { ...planned, splice: { start: range.start, end: range.end, text: written(scalar, edit.image) } };
}

function isBlock({ style }: ScalarPlace): boolean {
  return style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
}

/** Of a block of text only the one line that holds the image is replaced: indicator, indent and blank lines stay. */
function lineOfBlock(
  file: string,
  text: string,
  { start, end }: ScalarPlace,
  image: string,
): { start: number; end: number } {
  const inside = text.slice(start, end);
  if (inside.trim() === image)
    return { start: start + inside.indexOf(image), end: start + inside.indexOf(image) + image.length };
  throw refuse(
    file,
    lineAt(text, start),
    "the image is written as a block of several lines; write it on one line, behind its key",
  );
}

/** Two different images for one place cannot both be meant; the same one twice is one edit. */
function refuseConflicts(file: string, text: string, planned: PlannedValue[]): void {
  const places = new Map<number, string>();
  for (let index = planned.length - 1; index >= 0; index--) {
    const { splice, value } = planned[index]!;
    if (splice === undefined) continue;
    const other = places.get(splice.start);
    if (other !== undefined && other !== value)
      throw refuse(file, lineAt(text, splice.start), `two images are asked for one container: ${value} and ${other}`);
    if (other !== undefined) planned.splice(index, 1);
    places.set(splice.start, value);
  }
}

/** The value in the style the file already uses there; quoted where it would mean something else without. */
function written(scalar: ScalarPlace, value: string): string {
  if (scalar.style === SCALAR_STYLE.SINGLE_QUOTED) return `'${value}'`;
  if (scalar.style === SCALAR_STYLE.DOUBLE_QUOTED) return `"${value}"`;
  return isBlock(scalar) || /^[A-Za-z0-9]/.test(value) ? value : `"${value}"`;
}

/** Fails unless the two readings differ in exactly the planned values. */
function prove(
  file: string,
  text: string,
  before: readonly ManifestObject[],
  after: ReturnType<typeof readManifests>,
  planned: readonly PlannedValue[],
): void {
  const expected: unknown[] = before.map((entry) => entry.object);
  for (const { index, path, value } of planned) expected[index] = withValue(expected[index], path, value);
  const got = after.ok ? after.file.objects.map((entry) => entry.object) : undefined;
  if (isDeepStrictEqual(expected, got)) return;
  const first = planned.find(({ splice }) => splice !== undefined)?.splice?.start;
  throw refuse(
    file,
    first === undefined ? undefined : lineAt(text, first),
    "replacing the image would change something else in this file too (an anchor that is used elsewhere?), so nothing was written; write the image out in each place",
  );
}

/** A copy with one value replaced. What aliases share is copied on the way, so that only this one place differs. */
function withValue(at: unknown, path: FieldPath, value: string): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(at)) return at.map((entry, index) => (index === step ? withValue(entry, rest, value) : entry));
  const object = at as Record<string, unknown>;
  return { ...object, [step]: withValue(object[step], rest, value) };
}

function read(file: string, text: string): readonly ManifestObject[] {
  const result = readManifests(text);
  if (result.ok) return result.file.objects;
  throw refuse(file, result.problem.line, result.problem.message);
}

function idOf(object: KubeObject): string {
  return workloadId(object.metadata.namespace ?? "default", object.kind, object.metadata.name);
}

function refuse(file: string, line: number | undefined, reason: string): SluiceError {
  const place = line === undefined ? file : `${file} line ${line}`;
  return new SluiceError("invalid_manifest", `${place}: ${reason}`, { file, line });
}
