import type { FieldChange, Splice } from "./fieldChange.ts";
import { type Entry, entriesOf, entryEnd, isFlow, lineEnd, lineStart, nodeStart } from "./nodes.ts";
import { type EditSource, refuseAt } from "./source.ts";

/** A change that takes an entry away. */
export interface Removal {
  readonly change: FieldChange;
  readonly entry: Entry;
}

/** Takes entries out of a mapping that keeps at least one: whole lines with their comments, or what stands between commas. */
export function removeEntries(source: EditSource, mapping: number, removals: readonly Removal[]): Splice[] {
  if (!isFlow(source.yaml.events[mapping])) return removals.map((removal) => removeLines(source, removal));
  const all = entriesOf(source.yaml.events, mapping);
  const isGone = (entry: Entry) => removals.some((removal) => removal.entry.key === entry.key);
  return removals.flatMap((removal) => {
    const place = all.findIndex(({ key }) => key === removal.entry.key);
    const before = all[place - 1];
    const isTail = all.slice(place).every(isGone);
    const ownLines = linesBetweenCommas(source, removal);
    if (ownLines === undefined)
      return [removeBetweenCommas(source, removal, isTail ? before : undefined, all[place + 1])];
    const comma = isTail && before !== undefined && !isGone(before) ? commaBehind(source, before) : [];
    return [...comma, ownLines];
  });
}

/** From a key to the next one; of the last ones from the end of the one before. */
function removeBetweenCommas(
  source: EditSource,
  { change, entry }: Removal,
  before: Entry | undefined,
  next: Entry | undefined,
): Splice {
  const start = before === undefined ? startOf(source, entry) : entryEnd(source, before);
  const end = before === undefined && next !== undefined ? startOf(source, next) : entryEnd(source, entry);
  if (start === undefined || end === undefined || start > end) throw notRemovable(source, change);
  return { start, end, text: "" };
}

/** The lines of an entry that has them for itself; undefined where others stand on them too. */
function linesBetweenCommas(source: EditSource, { change, entry }: Removal): Splice | undefined {
  const { text } = source;
  const start = startOf(source, entry);
  const end = entryEnd(source, entry);
  if (start === undefined || end === undefined) throw notRemovable(source, change);
  const alone = /^\s*$/.test(text.slice(lineStart(text, start), start));
  const rest = text.slice(end, lineEnd(text, end));
  return alone && /^[ \t]*,?[ \t]*(?:#.*)?$/.test(rest) ? lines(source, change, start, end) : undefined;
}

function commaBehind(source: EditSource, entry: Entry): Splice[] {
  const end = entryEnd(source, entry);
  const comma = end === undefined ? null : /^\s*,/.exec(source.text.slice(end, end + 1_000));
  return comma === null ? [] : [{ start: end! + comma[0].length - 1, end: end! + comma[0].length, text: "" }];
}

/** Takes a whole mapping with its key out of the mapping around it; comments between its lines stay. */
export function removeMapping(
  source: EditSource,
  parent: number,
  entry: Entry,
  removals: readonly Removal[],
): Splice[] {
  const { change } = removals[0]!;
  if (isFlow(source.yaml.events[parent])) return removeEntries(source, parent, [{ change, entry }]);
  if (isFlow(source.yaml.events[entry.value])) return [removeLines(source, { change, entry })];
  const key = startOf(source, entry);
  if (key === undefined) throw notRemovable(source, change);
  return [lines(source, change, key, key), ...removals.map((removal) => removeLines(source, removal))];
}

function removeLines(source: EditSource, { change, entry }: Removal): Splice {
  const start = startOf(source, entry);
  const end = entryEnd(source, entry);
  if (start === undefined || end === undefined) throw notRemovable(source, change);
  return lines(source, change, start, end);
}

/** The whole lines from one offset to another, with the break that ends the line before them. */
function lines(source: EditSource, change: FieldChange, from: number, to: number): Splice {
  const { text } = source;
  const start = lineStart(text, from);
  if (text.slice(start, from).trim() !== "") throw notRemovable(source, change);
  const broken = /(?:\r\n|\n|\r)?$/.exec(text.slice(Math.max(0, start - 2), start))![0].length;
  return { start: start - broken, end: lineEnd(text, to), text: "" };
}

function startOf({ yaml }: EditSource, { key }: Entry): number | undefined {
  return nodeStart(yaml.events[key]!);
}

function notRemovable(source: EditSource, { document, path, what }: FieldChange) {
  return refuseAt(
    source,
    document,
    path,
    `${what} cannot be taken out without touching what stands around it; take it out by hand`,
  );
}
