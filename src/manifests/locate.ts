import { EVENT_ID, type Event, getScalarValue } from "js-yaml";

/** A path into a document: keys and list places. */
export type FieldPath = readonly (string | number)[];

function documentStart(events: readonly Event[], document: number): number | undefined {
  let seen = -1;
  for (let index = 0; index < events.length; index++) {
    if (events[index]!.type !== EVENT_ID.DOCUMENT) continue;
    seen++;
    if (seen === document) return index + 1;
  }
  return undefined;
}

/** The place after the node that starts at `at`. */
export function after(events: readonly Event[], at: number): number {
  let depth = 0;
  for (let index = at; index < events.length; index++) {
    const type = events[index]!.type;
    if (type === EVENT_ID.POP) depth--;
    else if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth++;
    if (depth <= 0) return index + 1;
  }
  return events.length;
}

function itemAt(events: readonly Event[], at: number, wanted: number): number | undefined {
  if (events[at]?.type !== EVENT_ID.SEQUENCE) return undefined;
  let index = at + 1;
  for (let place = 0; events[index] !== undefined && events[index]!.type !== EVENT_ID.POP; place++) {
    if (place === wanted) return index;
    index = after(events, index);
  }
  return undefined;
}

function valueAt(text: string, events: readonly Event[], at: number, key: string): number | undefined {
  if (events[at]?.type !== EVENT_ID.MAPPING) return undefined;
  let index = at + 1;
  while (events[index] !== undefined && events[index]!.type !== EVENT_ID.POP) {
    const value = after(events, index);
    if (keyOf(text, events[index]!) === key) return value;
    index = after(events, value);
  }
  return undefined;
}

/** The text of a key; undefined for one that is no scalar. */
export function keyOf(text: string, event: Event): string | undefined {
  return event.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : undefined;
}

/** The node one step below another: a key's value or a list's item. Undefined where that is not written there itself. */
function stepTo(text: string, events: readonly Event[], at: number, step: string | number): number | undefined {
  return typeof step === "number" ? itemAt(events, at, step) : valueAt(text, events, at, step);
}

/**
 * 1-based line of a field: where its key stands, or the item itself in a list. Where the path leads nowhere or through
 * an alias, the line of the last part of it that is written there. Undefined for a document that is not there.
 */
export function lineOf(text: string, events: readonly Event[], document: number, path: FieldPath): number | undefined {
  let at = documentStart(events, document);
  let offset = at === undefined ? -1 : startOf(events[at]);
  for (const step of path) {
    if (at === undefined) break;
    const next: number | undefined = stepTo(text, events, at, step);
    if (next === undefined) break;
    const key = typeof step === "string" ? startOf(events[next - 1]) : -1;
    const found = key >= 0 ? key : startOf(events[next]);
    if (found >= 0) offset = found;
    at = next;
  }
  return offset < 0 ? undefined : lineAt(text, offset);
}

/** Where a document's content begins: its first event, and the place of that in the text. */
export interface DocumentStart {
  readonly event: number;
  readonly offset: number;
  readonly line: number;
}

/**
 * Lines of all fields of a document down to a depth, by path joined with dots: of the key, or of the item in a list.
 * One walk over the document, however many fields there are.
 */
export function fieldLines(
  text: string,
  events: readonly Event[],
  start: DocumentStart,
  maxDepth: number,
): Map<string, number> {
  const lines = new Map<string, number>();
  const path: string[] = [];
  let { line, offset } = start;
  const note = (at: number) => {
    for (; offset < at; offset++) if (text.charCodeAt(offset) === 10) line++;
    lines.set(path.join("."), line);
  };
  const walk = (index: number): number => {
    const event = events[index]!;
    const isMapping = event.type === EVENT_ID.MAPPING;
    if ((!isMapping && event.type !== EVENT_ID.SEQUENCE) || path.length >= maxDepth) return after(events, index);
    let at = index + 1;
    for (let place = 0; events[at] !== undefined && events[at]!.type !== EVENT_ID.POP; place++) {
      const named = events[at]!;
      path.push(!isMapping ? String(place) : named.type === EVENT_ID.SCALAR ? getScalarValue(text, named) : "");
      note(startOf(named));
      at = walk(isMapping ? after(events, at) : at);
      path.pop();
    }
    return at + 1;
  };
  walk(start.event);
  return lines;
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** Where an event's own text begins; -1 for what has none. */
export function startOf(event: Event | undefined): number {
  if (event === undefined) return -1;
  if (event.type === EVENT_ID.SCALAR) return event.valueStart;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
  return "start" in event ? event.start : -1;
}
