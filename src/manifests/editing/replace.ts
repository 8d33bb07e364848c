import { CHOMPING_MODE, EVENT_ID, getScalarValue, type ScalarEvent } from "js-yaml";
import type { FieldChange, Splice } from "./fieldChange.ts";
import { type Entry, isBlockText, lineEnd, lineStart, nodeEnd, propertiesEnd, scalarRange } from "./nodes.ts";
import { scalarText } from "./scalars.ts";
import { type EditSource, refuseAt } from "./source.ts";

/**
 * Replaces the scalar of an entry or list item in the style it is written in; comments, anchors and tags around it
 * stay. `entry.key` is undefined for an item of a list.
 */
export function replaceScalar(
  source: EditSource,
  change: FieldChange,
  value: string,
  entry: Pick<Entry, "value"> & Partial<Entry>,
): Splice[] {
  const event = source.yaml.events[entry.value]!;
  if (event.type === EVENT_ID.ALIAS) throw fromElsewhere(source, change);
  if (event.type !== EVENT_ID.SCALAR)
    throw refuseAt(source, change.document, change.path, `${change.what} is no text but holds other fields`);
  if (isBlockText(event)) return replaceBlock(source, change, value, event, entry);
  const range = scalarRange(event);
  const text = scalarText(value, event.style);
  if (range !== undefined) return [{ ...range, text }];
  const at = propertiesEnd(event) ?? colonEnd(source, change, entry);
  return [{ start: at, end: at, text: ` ${text}` }];
}

/** What is written through an alias or a merge means more places than this one. */
export function fromElsewhere(source: EditSource, { document, path, what }: FieldChange) {
  return refuseAt(source, document, path, `${what} comes from a YAML alias or merge; write it out where it is used`);
}

function colonEnd(source: EditSource, change: FieldChange, { key }: Partial<Entry>): number {
  const keyEnd = key === undefined ? undefined : nodeEnd(source, key);
  const colon = keyEnd === undefined ? null : /^\s*:/.exec(source.text.slice(keyEnd, keyEnd + 1_000));
  if (colon === null) throw refuseAt(source, change.document, change.path, `${change.what} is empty; write a value`);
  return keyEnd! + colon[0].length;
}

const blockHeader = /^((?:[ \t]+|[&!][^\s]*)*)([|>][-+0-9]*)(?=[ \t]*(?:#|$))/;

/**
 * Of a block with one line only that line is replaced: indicator, indent and blank lines stay. Any other gives way to a
 * quoted text behind its key, its comment stays.
 */
function replaceBlock(
  source: EditSource,
  change: FieldChange,
  value: string,
  event: ScalarEvent,
  entry: Partial<Entry>,
): Splice[] {
  const { text } = source;
  const inside = text.slice(event.valueStart, event.valueEnd);
  const line = getScalarValue(text, event);
  const oneLine = (candidate: string) => /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(candidate);
  if (event.chomping === CHOMPING_MODE.STRIP && oneLine(line) && oneLine(value)) {
    const start = event.valueStart + inside.indexOf(line);
    return [{ start, end: start + line.length, text: value }];
  }
  const from = propertiesEnd(event) ?? colonEnd(source, change, entry);
  const headerEnd = lineEnd(text, from);
  const header = blockHeader.exec(text.slice(from, headerEnd));
  const contentEnd = lineEnd(text, event.valueStart + inside.trimEnd().length);
  if (header === null || lineStart(text, event.valueStart) !== event.valueStart || contentEnd < headerEnd)
    throw refuseAt(
      source,
      change.document,
      change.path,
      `${change.what} is written as a block of text; write it on one line, behind its key`,
    );
  const start = from + header[1]!.length;
  return [
    { start, end: start + header[2]!.length, text: scalarText(value, event.style) },
    { start: headerEnd, end: contentEnd, text: "" },
  ];
}
