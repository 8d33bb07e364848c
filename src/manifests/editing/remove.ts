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
  const isBetweenBraces = isFlow(source.yaml.events[mapping]);
  const going = new Map(removals.map((removal) => [removal.entry.key, removal]));
  const splices: Splice[] = [];
  let run: Removal[] = [];
  let before: Entry | undefined;
  for (const entry of entriesOf(source.yaml.events, mapping)) {
    const removal = going.get(entry.key);
    if (removal !== undefined) run.push(removal);
    else {
      splices.push(...(isBetweenBraces ? removeUpTo(source, run, entry) : removeBlock(source, run, before, entry)));
      run = [];
      before = entry;
    }
  }
  return [...splices, ...(isBetweenBraces ? removeTail(source, run, before) : removeBlock(source, run, before))];
}

/** Lines of their own; the first keys of a mapping that begins behind something else (`- `) give their place to the next. */
function removeBlock(source: EditSource, run: readonly Removal[], before?: Entry, next?: Entry): Splice[] {
  const [first] = run;
  const start = first && startOf(source, first.entry);
  const end = next && startOf(source, next);
  if (first === undefined || start === undefined || before !== undefined || end === undefined)
    return run.map((removal) => removeLines(source, removal));
  const { text } = source;
  if (!text.slice(lineStart(text, start), start).trimEnd().endsWith("-"))
    return run.map((removal) => removeLines(source, removal));
  if (/[\r\n][ \t]*#/.test(text.slice(start, end))) throw notRemovable(source, first.change);
  return [{ start, end, text: "" }];
}

/** Takes out entries between braces up to the one that stays behind them. */
function removeUpTo(source: EditSource, run: readonly Removal[], next: Entry): Splice[] {
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined) return [];
  const ownLines = linesOfAll(source, run);
  if (ownLines !== undefined) return ownLines;
  const { text } = source;
  const start = startOf(source, first.entry);
  const until = entryEnd(source, last.entry);
  const end = startOf(source, next);
  if (start === undefined || until === undefined || end === undefined) throw notRemovable(source, first.change);
  const keepsComments = /^[ \t]*,[^\r\n]*[\r\n]\s*#/.test(text.slice(until, end));
  return [{ start, end: keepsComments ? lineEnd(text, until) : end, text: "" }];
}

/** Takes out the last entries between braces, with the comma behind the one that stays before them. */
function removeTail(source: EditSource, run: readonly Removal[], before: Entry | undefined): Splice[] {
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined || before === undefined) return [];
  const ownLines = linesOfAll(source, run);
  if (ownLines !== undefined) return [...commaBehind(source, before), ...ownLines];
  const start = startOf(source, first.entry);
  const from = entryEnd(source, before);
  const end = entryEnd(source, last.entry);
  if (start === undefined || from === undefined || end === undefined) throw notRemovable(source, first.change);
  if (!source.text.slice(from, start).includes("#")) return [{ start: from, end, text: "" }];
  return [...commaBehind(source, before), { start, end, text: "" }];
}

function linesOfAll(source: EditSource, run: readonly Removal[]): Splice[] | undefined {
  const splices = run.flatMap((removal) => linesBetweenCommas(source, removal) ?? []);
  return splices.length === run.length ? splices : undefined;
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
  const { text } = source;
  // Behind a question mark the colon has a line of its own, with what is left of the mapping behind it.
  if (key === undefined || text.slice(lineStart(text, key), key).includes("?")) throw notRemovable(source, change);
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
  if (!/^\s*(?:\?\s*)?$/.test(text.slice(start, from))) throw notRemovable(source, change);
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
