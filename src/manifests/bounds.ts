import { EVENT_ID, type Event, SCALAR_STYLE } from "js-yaml";

/**
 * Bounds on what a text may stand for: aliases share values, so a small text can mean a huge or endless one. Ten times
 * what is written is more than anybody shares.
 */
const maxNodes = 500_000;
const maxShared = 25_000;
const maxGrowth = 10;
const maxDepth = 200;

/** What no file that people keep comes near: the biggest bundles of definitions and dashboards have half of it. */
const maxLines = 300_000;
const maxSigns = 400_000;
const maxEscapes = 1_000_000;
const maxEvents = 200_000;
const maxDocuments = 20_000;

/**
 * Why a text is too big to be read at all, told by counting signs of structure outside of blocks of text; undefined when
 * it may be tried. Short texts are not looked at: they cannot hold too much.
 */
export function tooBigToRead(text: string): string | undefined {
  if (text.length < maxEvents) return undefined;
  const count = { lines: 0, signs: 0, escapes: 0, documents: 0 };
  /** How far right the line stands that opened the block of text we are in; -1 outside of one. */
  let block = -1;
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const column = columnOfContent(text, start, end);
    count.lines++;
    if (block < 0 || (column >= 0 && column <= block)) {
      countSigns(text, start, end, count);
      if (text.startsWith("---", start)) count.documents++;
      block = opensBlock(text, start, end) ? column : -1;
    }
    start = end + 1;
  }
  if (count.lines > maxLines) return `the file has more than ${maxLines} lines`;
  if (count.signs > maxSigns) return `the file has more than ${maxSigns} lines, colons and commas`;
  if (count.escapes > maxEscapes) return `the file has more than ${maxEscapes} escapes`;
  return count.documents > maxDocuments ? `the file holds more than ${maxDocuments} documents` : undefined;
}

/** Where what a line says begins, behind blanks and dashes of lists; -1 for a line that says nothing. */
function columnOfContent(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const sign = text[at]!;
    if (sign !== " " && sign !== "\r" && !(sign === "-" && text[at + 1] === " ")) return at - start;
  }
  return -1;
}

function countSigns(text: string, start: number, end: number, count: { signs: number; escapes: number }): void {
  count.signs++;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === colon || code === comma) count.signs++;
    else if (code === backslash) count.escapes++;
  }
}
const comma = 44;
const colon = 58;
const backslash = 92;

/** Whether a line ends in the sign of a block of text: `|`, `>-` and the like. */
function opensBlock(text: string, start: number, end: number): boolean {
  let at = end - 1;
  while (at > start && " \r+-0123456789".includes(text[at]!)) at--;
  return (text[at] === "|" || text[at] === ">") && text[at - 1] === " ";
}

/** Why what was parsed is too much to be made into values; undefined when it is not. */
export function tooManyEvents(events: number): string | undefined {
  return events > maxEvents ? `the file holds more than ${maxEvents} keys and values` : undefined;
}

/**
 * Whether what was parsed could stand for more than is written, or for no number: without aliases and tags there is as
 * much as there are events, no deeper than the parser went, and what is no number starts like one and is odd or long.
 */
export function needsMeasuring(text: string, events: readonly Event[]): boolean {
  return events.some((event) => {
    if (event.type === EVENT_ID.ALIAS) return true;
    if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return false;
    if (event.tagStart >= 0) return true;
    if (event.type !== EVENT_ID.SCALAR || event.style !== SCALAR_STYLE.PLAIN || event.valueStart < 0) return false;
    const first = text.charCodeAt(event.valueStart);
    const startsNumber = (first >= digit0 && first <= digit9) || "+-.".includes(text[event.valueStart]!);
    return startsNumber && (event.valueEnd - event.valueStart > 100 || first < digit0);
  });
}
const digit0 = 48;
const digit9 = 57;

/**
 * What a value is too much for, in a few words; undefined when it is in bounds. `written` is how many values the text
 * has itself. `numberless` tells of NaN and infinity.
 */
export function outOfBounds(
  documents: readonly unknown[],
  written: number,
): { readonly reason: string; readonly numberless?: true } | undefined {
  const measured = new Map<object, Measure>();
  const limit = Math.min(maxNodes, Math.max(maxShared, maxGrowth * written));
  let nodes = 0;
  for (const document of documents) {
    const measure = measureOf(document, 0, measured, limit);
    if (typeof measure === "string")
      return measure === numberless ? { reason: measure, numberless: true } : { reason: measure };
    nodes += measure.nodes;
    if (nodes > limit) return { reason: tooMany(limit) };
  }
  return undefined;
}

interface Measure {
  readonly nodes: number;
  readonly depth: number;
}
const tooMany = (limit: number) => `its aliases expand to more than ${limit} values`;
const tooDeep = `it is nested more than ${maxDepth} deep`;
const numberless = "infinity and NaN are no numbers of JSON, so no object can hold them; put quotes around text";

/** Values that stand for something under construction: an alias inside of what it names. */
const open: Measure = { nodes: Number.POSITIVE_INFINITY, depth: 0 };

/**
 * Walks every shared value once and adds up what it expands to. What an alias names is measured before the alias in
 * nearly every text, and the depth is bounded in any case, so neither time nor stack can run out.
 */
function measureOf(value: unknown, depth: number, measured: Map<object, Measure>, limit: number): Measure | string {
  if (typeof value === "number" && !Number.isFinite(value)) return numberless;
  if (typeof value !== "object" || value === null) return { nodes: 1, depth: 0 };
  if (depth > maxDepth) return tooDeep;
  const known = measured.get(value);
  if (known === open) return "an alias in it stands for what it is a part of";
  if (known !== undefined) return depth + known.depth > maxDepth ? tooDeep : known;
  measured.set(value, open);
  let nodes = 1;
  let below = 0;
  for (const entry of Array.isArray(value) ? value : Object.values(value)) {
    const inner = measureOf(entry, depth + 1, measured, limit);
    if (typeof inner === "string") return inner;
    nodes += inner.nodes;
    below = Math.max(below, inner.depth + 1);
    if (nodes > limit) return tooMany(limit);
  }
  const measure = { nodes, depth: below };
  measured.set(value, measure);
  return measure;
}
