import { isDeepStrictEqual } from "node:util";
import { EVENT_ID } from "js-yaml";
import type { SluiceError } from "../../errors.ts";
import { type FieldPath, lineOf } from "../locate.ts";
import { ManifestError, parseYaml, type YamlText } from "../read.ts";
import { type FieldChange, valueAtPath, withChange } from "./fieldChange.ts";
import { type EditSource, refuseAt } from "./source.ts";

/**
 * Reads an edited text again and throws `invalid_manifest` unless it differs from what it was in exactly the fields
 * that were to change. A file of JSON stays one.
 * Answers what was read.
 */
export function prove(source: EditSource, result: string, changes: readonly FieldChange[]): YamlText {
  const after = reread(source, result, changes);
  if (isJson(source.text) && !isJson(result)) throw unproven(source, changes, "would leave a file that is no JSON");
  const expected: unknown[] = [...source.yaml.documents];
  const mine = new Map<object, number>();
  for (const { document, path, value } of changes)
    if (valueAtPath(expected[document], path) !== value)
      expected[document] = withChange(expected[document], path, value, mine);
  if (expected.length !== after.documents.length)
    throw unproven(source, changes, "would change how many documents there are");
  expected.forEach((document, index) => {
    if (!isDeepStrictEqual(document, after.documents[index]))
      throw differing(source, changes, index, document, after.documents[index]);
  });
  return after;
}

function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function reread(source: EditSource, result: string, changes: readonly FieldChange[]): YamlText {
  try {
    return parseYaml(result);
  } catch (thrown) {
    if (!(thrown instanceof ManifestError)) throw thrown;
    throw unproven(source, changes, `would leave a file that cannot be read (${thrown.message})`);
  }
}

/** Says which field would come out otherwise than planned, and where it stands. */
function differing(
  source: EditSource,
  changes: readonly FieldChange[],
  document: number,
  expected: unknown,
  got: unknown,
): SluiceError {
  const path = firstDifference(expected, got);
  const line = lineOf(source.text, source.yaml.events, document, path);
  const place = `${showPath(source, document, path)}${line === undefined ? "" : ` (line ${line})`}`;
  const stays = isDeepStrictEqual(valueAtPath(source.yaml.documents[document], path), valueAtPath(got, path));
  const here = changes.filter((change) => change.document === document);
  return unproven(source, here, stays ? `would leave ${place} as it is` : `would change ${place} too`);
}

function unproven(source: EditSource, changes: readonly FieldChange[], what: string): SluiceError {
  const first = changes.find((change) => change.follows !== true) ?? changes[0]!;
  const shares = source.yaml.events.some(({ type }) => type === EVENT_ID.ALIAS);
  const why = `so nothing was written; ${shares ? "is an anchor or a merge used there? Write each value out in its own place" : "change it by hand"}`;
  return refuseAt(source, first.document, first.path, `changing ${first.what} ${what}, ${why}`);
}

/** The path at which two different values first differ. */
function firstDifference(a: unknown, b: unknown): FieldPath {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return [];
  if (Array.isArray(a) !== Array.isArray(b)) return [];
  const keys = Array.isArray(a)
    ? Array.from({ length: Math.max(a.length, (b as unknown[]).length) }, (_, index) => index)
    : [...new Set([...Object.keys(a), ...Object.keys(b)])];
  for (const key of keys) {
    const left = valueAtPath(a, [key]);
    const right = valueAtPath(b, [key]);
    if (!isDeepStrictEqual(left, right)) return [key, ...firstDifference(left, right)];
  }
  return [];
}

/** `spec.containers[0].image of deployment/cart`. */
function showPath({ objects }: EditSource, document: number, path: FieldPath): string {
  const entry = objects.find(
    (one) => one.document === document && (one.item === undefined || (path[0] === "items" && path[1] === one.item)),
  );
  const own = entry?.item === undefined ? path : path.slice(2);
  const shown = own.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  const object = entry === undefined ? "" : ` of ${entry.object.kind.toLowerCase()}/${entry.object.metadata.name}`;
  return `${shown.replace(/^\./, "") || "everything"}${object}`;
}
