import { CHOMPING_MODE, COLLECTION_STYLE, EVENT_ID, type Event, SCALAR_STYLE, type ScalarEvent } from "js-yaml";
import { after, type FieldPath, keyOf } from "../locate.ts";
import type { EditSource } from "./source.ts";

/** A key of a mapping with its value, as places in the list of events. */
export interface Entry {
  readonly key: number;
  readonly value: number;
}

/** What the collections of a text hold, looked up once however many edits ask; kept as long as what was parsed is. */
interface Contents {
  readonly items: Map<number, readonly number[]>;
  readonly entries: Map<number, readonly Entry[]>;
  readonly keys: Map<number, ReadonlyMap<string, Entry>>;
}
const known = new WeakMap<readonly Event[], Contents>();

function contentsOf(events: readonly Event[]): Contents {
  const contents = known.get(events) ?? { items: new Map(), entries: new Map(), keys: new Map() };
  known.set(events, contents);
  return contents;
}

function lookedUp<V>(map: Map<number, V>, at: number, look: () => V): V {
  const found = map.get(at) ?? look();
  map.set(at, found);
  return found;
}

/**
 * The events a path leads through: the document's root first, then one for each step that is written there. As long as
 * the path and one more when the whole path is there.
 */
export function trace(source: EditSource, document: number, path: FieldPath): number[] {
  const { events, starts } = source.yaml;
  const trail = [starts[document]!.event];
  for (const step of path) {
    const at = trail.at(-1)!;
    const next = typeof step === "number" ? itemsOf(events, at)[step] : entryOf(source, at, step)?.value;
    if (next === undefined) break;
    trail.push(next);
  }
  return trail;
}

/** The items of a list in the order written; none for anything else. */
function itemsOf(events: readonly Event[], list: number): readonly number[] {
  if (events[list]?.type !== EVENT_ID.SEQUENCE) return [];
  return lookedUp(contentsOf(events).items, list, () => nodesIn(events, list));
}

/** The entries of a mapping in the order written; none for anything else. */
export function entriesOf(events: readonly Event[], mapping: number): readonly Entry[] {
  if (events[mapping]?.type !== EVENT_ID.MAPPING) return [];
  return lookedUp(contentsOf(events).entries, mapping, () => {
    const nodes = nodesIn(events, mapping);
    return Array.from({ length: nodes.length / 2 }, (_, place) => ({
      key: nodes[2 * place]!,
      value: nodes[2 * place + 1]!,
    }));
  });
}

/** The nodes right inside of a collection. */
function nodesIn(events: readonly Event[], collection: number): number[] {
  const nodes: number[] = [];
  for (let at = collection + 1; events[at] !== undefined && events[at]!.type !== EVENT_ID.POP; at = after(events, at))
    nodes.push(at);
  return nodes;
}

/** The entry with a key; undefined where the mapping does not write it itself. */
export function entryOf({ text, yaml: { events } }: EditSource, mapping: number, key: string): Entry | undefined {
  const byKey = lookedUp(contentsOf(events).keys, mapping, () => {
    const entries = entriesOf(events, mapping).map((entry) => [keyOf(text, events[entry.key]!), entry] as const);
    return new Map(entries.flatMap(([name, entry]) => (name === undefined ? [] : [[name, entry]])));
  });
  return byKey.get(key);
}

export function isFlow(event: Event | undefined): boolean {
  return (
    (event?.type === EVENT_ID.MAPPING || event?.type === EVENT_ID.SEQUENCE) && event.style === COLLECTION_STYLE.FLOW
  );
}

export function isBlockText({ style }: ScalarEvent): boolean {
  return style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
}

function isQuoted({ style }: ScalarEvent): boolean {
  return style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
}

/** Where a scalar's text stands, with its quotes; undefined for a value that is left out (`key:`). */
export function scalarRange(event: ScalarEvent): { readonly start: number; readonly end: number } | undefined {
  if (event.valueStart < 0) return undefined;
  const quote = isQuoted(event) ? 1 : 0;
  return { start: event.valueStart - quote, end: event.valueEnd + quote };
}

/** Where a node begins, with its anchor and tag; undefined for a value that is left out. */
export function nodeStart(event: Event): number | undefined {
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  if (event.type !== EVENT_ID.SCALAR && event.type !== EVENT_ID.MAPPING && event.type !== EVENT_ID.SEQUENCE)
    return undefined;
  const own = event.type === EVENT_ID.SCALAR ? (scalarRange(event)?.start ?? -1) : event.start;
  const starts = [own, event.anchorStart - 1, event.tagStart].filter((start) => start >= 0);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** Where the anchor and tag before a node end; undefined when it has none. */
export function propertiesEnd(event: Event): number | undefined {
  if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP || event.type === EVENT_ID.ALIAS)
    return undefined;
  const end = Math.max(event.anchorEnd, event.tagEnd);
  return end < 0 ? undefined : end;
}

/** What may stand between the last value of a flow collection and its closing bracket. */
const beforeClosing = /(?:[\s,:?]|#[^\r\n]*)*/y;

/**
 * Where a node's text ends: for a block of text after its last line, without that line's end. Undefined for what has no
 * text of its own.
 */
export function nodeEnd(source: EditSource, index: number): number | undefined {
  const { text, yaml } = source;
  const event = yaml.events[index]!;
  if (event.type === EVENT_ID.ALIAS) return event.anchorEnd;
  if (event.type === EVENT_ID.SCALAR) {
    if (isBlockText(event)) return blockTextEnd(text, event);
    return scalarRange(event)?.end ?? propertiesEnd(event);
  }
  if (event.type !== EVENT_ID.MAPPING && event.type !== EVENT_ID.SEQUENCE) return undefined;
  const closing = after(yaml.events, index) - 1;
  let end: number | undefined;
  for (let child = index + 1; child < closing; child = after(yaml.events, child)) end = nodeEnd(source, child) ?? end;
  if (!isFlow(event)) return end;
  beforeClosing.lastIndex = end ?? event.start + 1;
  beforeClosing.test(text);
  return beforeClosing.lastIndex + 1;
}

function blockTextEnd(text: string, event: ScalarEvent): number {
  const inside = text.slice(event.valueStart, event.valueEnd);
  const kept = event.chomping === CHOMPING_MODE.KEEP ? inside.replace(/(?:\r\n|\n|\r)$/, "") : inside.trimEnd();
  return event.valueStart + kept.length;
}

/** Where an entry ends; a value that is left out ends with its colon. */
export function entryEnd(source: EditSource, { key, value }: Entry): number | undefined {
  const end = nodeEnd(source, value);
  if (end !== undefined) return end;
  const afterKey = nodeEnd(source, key);
  if (afterKey === undefined) return undefined;
  return afterKey + /^\s*:?/.exec(source.text.slice(afterKey, afterKey + 1_000))![0].length;
}

const lineBreak = /\r\n|\n|\r/g;

/** Where the line that holds an offset ends, before its line break. */
export function lineEnd(text: string, offset: number): number {
  lineBreak.lastIndex = offset;
  return lineBreak.exec(text)?.index ?? text.length;
}

/** Where the line that holds an offset begins; a byte order mark is no part of it. */
export function lineStart(text: string, offset: number): number {
  const start = Math.max(text.lastIndexOf("\n", offset - 1), text.lastIndexOf("\r", offset - 1)) + 1;
  return text.charCodeAt(start) === 0xfeff ? start + 1 : start;
}

/** The line break a text uses where an offset stands: that of its line, else of the text. */
export function lineBreakAt(text: string, offset: number): string {
  lineBreak.lastIndex = offset;
  const here = lineBreak.exec(text);
  if (here !== null) return here[0];
  lineBreak.lastIndex = 0;
  return lineBreak.exec(text)?.[0] ?? "\n";
}
