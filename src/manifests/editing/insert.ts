import { EVENT_ID } from "js-yaml";
import type { FieldChange, Splice } from "./fieldChange.ts";
import {
  type Entry,
  entriesOf,
  entryEnd,
  isFlow,
  lineBreakAt,
  lineEnd,
  lineStart,
  nodeEnd,
  nodeStart,
  propertiesEnd,
  scalarRange,
} from "./nodes.ts";
import { isPlain, quoted } from "./scalars.ts";
import { type EditSource, refuseAt } from "./source.ts";

/** A change that puts a key where none is. */
export type Insertion = FieldChange & { readonly value: string };

/** Adds keys to a mapping: below its last line, or between its braces. */
export function insertKeys(
  source: EditSource,
  mapping: number,
  insertions: readonly Insertion[],
  remaining: readonly Entry[],
): Splice[] {
  if (isFlow(source.yaml.events[mapping])) return [insertFlow(source, mapping, remaining, pairs(source, insertions))];
  const last = remaining.at(-1) ?? entriesOf(source.yaml.events, mapping).at(-1);
  const end = last && entryEnd(source, last);
  const column = columnOf(source, mapping);
  if (end === undefined || column === undefined) throw noPlace(source, insertions[0]!);
  return [insertLines(source, end, pairs(source, insertions, column))];
}

/** Puts keys between braces in the place of all that are there. */
export function exchangeKeys(source: EditSource, mapping: number, insertions: readonly Insertion[]): Splice[] {
  const entries = entriesOf(source.yaml.events, mapping);
  const start = nodeStart(source.yaml.events[entries[0]!.key]!);
  const end = entryEnd(source, entries.at(-1)!);
  if (start === undefined || end === undefined) throw noPlace(source, insertions[0]!);
  return [{ start, end, text: pairs(source, insertions).join(", ") }];
}

/** Adds keys that are missing, one inside the other, around a mapping of these. */
export function insertMapping(
  source: EditSource,
  parent: number,
  around: number | undefined,
  missing: readonly string[],
  insertions: readonly Insertion[],
): Splice[] {
  const first = insertions[0]!;
  const keys = missing.map((key) => keyText(source, key));
  if (isFlow(source.yaml.events[parent])) {
    const inside = keys.reduceRight((inner, key) => `{ ${key}: ${inner} }`, braces(source, insertions));
    return [insertFlow(source, parent, entriesOf(source.yaml.events, parent), [inside.slice(2, -2)])];
  }
  const last = entriesOf(source.yaml.events, parent).at(-1);
  const end = last && entryEnd(source, last);
  const column = columnOf(source, parent);
  if (end === undefined || column === undefined) throw noPlace(source, first);
  const step = stepOf(source, column, around);
  const lines = keys.map((key, depth) => `${" ".repeat(column + depth * step)}${key}:`);
  return [insertLines(source, end, [...lines, ...pairs(source, insertions, column + keys.length * step)])];
}

/** Gives a key that holds nothing yet (`annotations:`, `~`, `null`) a mapping of these. */
export function fillEmpty(
  source: EditSource,
  parent: number,
  around: number | undefined,
  entry: Entry,
  insertions: readonly Insertion[],
): Splice[] {
  const event = source.yaml.events[entry.value]!;
  const first = insertions[0]!;
  if (event.type !== EVENT_ID.SCALAR || propertiesEnd(event) !== undefined) throw noPlace(source, first);
  const range = scalarRange(event);
  const end = entryEnd(source, entry);
  if (end === undefined) throw noPlace(source, first);
  if (range !== undefined) {
    // No reader of YAML here takes a brace behind a tab.
    const isBehindTab = source.text[range.start - 1] === "\t";
    return [
      {
        ...range,
        start: range.start - Number(isBehindTab),
        text: (isBehindTab ? " " : "") + braces(source, insertions),
      },
    ];
  }
  const column = columnOf(source, parent);
  if (isFlow(source.yaml.events[parent])) return [{ start: end, end, text: ` ${braces(source, insertions)}` }];
  if (column === undefined) throw noPlace(source, first);
  return [insertLines(source, end, pairs(source, insertions, column + stepOf(source, column, around)))];
}

/**
 * Pairs between braces: behind the last one that stays where all are on one line, else on lines of their own below the
 * opening brace, which leaves every other line as it is.
 */
function insertFlow(
  source: EditSource,
  mapping: number,
  remaining: readonly Entry[],
  added: readonly string[],
): Splice {
  const { text, yaml } = source;
  const event = yaml.events[mapping]!;
  const open = event.type === EVENT_ID.MAPPING ? event.start + 1 : -1;
  const [first] = remaining;
  const last = remaining.at(-1);
  const start = first && nodeStart(yaml.events[first.key]!);
  if (start === undefined || last === undefined) {
    const space = text[open] === "}" && !looksLikeJson(text) ? " " : "";
    return { start: open, end: open, text: `${space}${added.join(", ")}${space}` };
  }
  const end = nodeEnd(source, last.value);
  if (end !== undefined && /^[^\r\n]*$/.test(text.slice(open, end)) && /^ *[,}]/.test(text.slice(end, end + 100)))
    return { start: end, end, text: added.map((entry) => `, ${entry}`).join("") };
  const lead = text.slice(lineStart(text, start), start);
  if (lead.trim() !== "") return { start, end: start, text: added.map((entry) => `${entry}, `).join("") };
  const opened = lineEnd(text, open);
  if (!/^[ \t]*(?:#.*)?$/.test(text.slice(open, opened)))
    return { start, end: start, text: added.map((entry) => `${entry},${lineBreakAt(text, open)}${lead}`).join("") };
  const lines = added.map((entry) => `${lead}${entry},`);
  return insertLines(source, open, lines);
}

function insertLines({ text }: EditSource, after: number, lines: readonly string[]): Splice {
  const at = lineEnd(text, after);
  const eol = lineBreakAt(text, after);
  return { start: at, end: at, text: lines.map((line) => eol + line).join("") };
}

function braces(source: EditSource, insertions: readonly Insertion[]): string {
  const inside = pairs(source, insertions).join(", ");
  return looksLikeJson(source.text) ? `{${inside}}` : `{ ${inside} }`;
}

/** Keys with their values, each behind as many blanks as are given. */
function pairs(source: EditSource, insertions: readonly Insertion[], blanks = 0): string[] {
  return insertions.map(({ path, value }) => {
    const text = looksLikeJson(source.text) || !isPlain(value) ? quoted(value) : value;
    return `${" ".repeat(blanks)}${keyText(source, String(path.at(-1)))}: ${text}`;
  });
}
function keyText(source: EditSource, key: string): string {
  return isPlain(key) && !looksLikeJson(source.text) ? key : quoted(key);
}
/** A file that starts like JSON is kept readable as JSON. */
function looksLikeJson(text: string): boolean {
  return /^\ufeff?\s*[{[]/.test(text);
}

/** The column of a block mapping's keys, from 0; undefined where they cannot be told from what stands before them. */
function columnOf({ text, yaml }: EditSource, mapping: number): number | undefined {
  const event = yaml.events[mapping];
  if (event?.type !== EVENT_ID.MAPPING || event.start < 0) return undefined;
  const start = lineStart(text, event.start);
  return /^[ -]*$/.test(text.slice(start, event.start)) ? event.start - start : undefined;
}

/** By how much a mapping's keys stand right of those of the mapping around it. */
function stepOf(source: EditSource, column: number, around: number | undefined): number {
  const outer = around === undefined ? undefined : columnOf(source, around);
  return outer === undefined || outer >= column ? 2 : column - outer;
}

function noPlace(source: EditSource, { document, path, what }: FieldChange) {
  return refuseAt(source, document, path, `there is no plain place for ${what}; write it by hand`);
}
