import { isDeepStrictEqual } from "node:util";
import { SCALAR_STYLE, type ScalarStyle } from "js-yaml";
import { SluiceError } from "../errors.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import { workloadId } from "../model/workload.ts";
import { type FieldPath, locateScalar } from "./locate.ts";
import { type ManifestObject, parseYaml, readManifests } from "./read.ts";
import { field, imagePlaces } from "./workloads.ts";

/** A new image for one container of one workload. */
export interface ImageEdit {
  readonly workload: string;
  readonly container: string;
  readonly image: string;
}

/**
 * Replaces the images of a file and nothing else: the new text differs from the old one in the bytes of the planned
 * values only, which is proven by reading it again and comparing every object. Throws `invalid_manifest` with the
 * reason when a value cannot be replaced in place; the text is then untouched.
 */
export function editImages(file: string, text: string, edits: readonly ImageEdit[]): string {
  const before = read(file, text);
  const { events } = parseYaml(text);
  const splices: { start: number; end: number; text: string }[] = [];
  const planned: { index: number; path: FieldPath; value: string }[] = [];
  for (const edit of edits) {
    const index = before.findIndex((entry) => idOf(entry.object) === edit.workload);
    const entry = before[index];
    const place = entry && imagePlaces(entry.object).find((candidate) => candidate.container === edit.container);
    if (entry === undefined || place === undefined)
      throw refuse(file, `${edit.workload} has no container ${edit.container} in this file`);
    planned.push({ index, path: place.path, value: edit.image });
    if (place.image === edit.image) continue;
    const path = entry.item === undefined ? place.path : ["items", entry.item, ...place.path];
    const scalar = locateScalar(text, events, entry.document, path);
    if (scalar === undefined)
      throw refuse(
        file,
        `the image of ${edit.workload} ${edit.container} comes from a YAML alias; write it out where it is used`,
      );
    splices.push({
      start: scalar.start,
      end: scalar.end,
      text: written(file, text, scalar.start, scalar.style, edit.image),
    });
  }
  splices.sort((a, b) => b.start - a.start);
  let result = text;
  for (const splice of splices) result = result.slice(0, splice.start) + splice.text + result.slice(splice.end);
  prove(file, before, read(file, result), planned);
  return result;
}

/** The value in the style the file already uses there. */
function written(file: string, text: string, start: number, style: ScalarStyle, value: string): string {
  if (style === SCALAR_STYLE.SINGLE_QUOTED) return `'${value}'`;
  if (style === SCALAR_STYLE.DOUBLE_QUOTED) return `"${value}"`;
  if (style === SCALAR_STYLE.PLAIN) return value;
  const line = text.slice(0, start).split("\n").length;
  throw refuse(file, `line ${line}: the image is written as a block of text; write it on one line`, line);
}

/** Fails unless the two readings differ in exactly the planned values. */
function prove(
  file: string,
  before: readonly ManifestObject[],
  after: readonly ManifestObject[],
  planned: readonly { index: number; path: FieldPath; value: string }[],
): void {
  const expected = before.map((entry) => structuredClone(entry.object));
  for (const { index, path, value } of planned) {
    const parent = field(expected[index], path.slice(0, -1)) as Record<string | number, unknown>;
    parent[path.at(-1)!] = value;
  }
  const got = after.map((entry) => entry.object);
  if (!isDeepStrictEqual(expected, got))
    throw refuse(file, "replacing the image would change something else in this file, so nothing was written");
}

function read(file: string, text: string): readonly ManifestObject[] {
  const result = readManifests(text);
  if (result.ok) return result.file.objects;
  const { line, message } = result.problem;
  throw refuse(file, line === undefined ? message : `line ${line}: ${message}`, line);
}

function idOf(object: KubeObject): string {
  return workloadId(object.metadata.namespace ?? "default", object.kind, object.metadata.name);
}

function refuse(file: string, message: string, line?: number): SluiceError {
  return new SluiceError("invalid_manifest", `${file}: ${message}`, { file, line });
}
