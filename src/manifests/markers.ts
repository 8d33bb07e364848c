import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from "js-yaml";
import type { FieldPath } from "./locate.ts";

/** A comment of Flux v2 behind a scalar: `# {"$imagepolicy": "namespace:name:tag"}`. */
export interface Marker {
  /** Place of its document in the file, from 0, and where in it the scalar stands. */
  readonly document: number;
  readonly path: FieldPath;
  /** The ImagePolicy it names: `namespace:name`. */
  readonly policy: string;
  /** What the scalar holds of the image. */
  readonly holds: "reference" | "name" | "tag" | "digest";
}

const word = '"$imagepolicy"';
const holdings = ["name", "tag", "digest"] as const;

/** All markers of a text, in the order they stand. One that is no marker by Flux's grammar is a comment like any other. */
export function findMarkers(text: string, events: readonly Event[]): Marker[] {
  const byEnd = meaningsByEnd(text);
  if (byEnd.size === 0) return [];
  const found: Marker[] = [];
  let document = -1;
  const walk = (index: number, path: FieldPath): number => {
    const event = events[index]!;
    if (event.type === EVENT_ID.SCALAR) {
      const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
      const meaning = byEnd.get(event.valueEnd + (quoted ? 1 : 0));
      if (meaning !== undefined && event.valueStart >= 0) found.push({ document, path, ...meaning });
    }
    if (event.type !== EVENT_ID.MAPPING && event.type !== EVENT_ID.SEQUENCE) return index + 1;
    let at = index + 1;
    for (let item = 0; events[at] !== undefined && events[at]!.type !== EVENT_ID.POP; item++) {
      const named = events[at]!;
      if (event.type === EVENT_ID.SEQUENCE) at = walk(at, [...path, item]);
      else {
        const key = named.type === EVENT_ID.SCALAR ? getScalarValue(text, named) : "";
        at = named.type === EVENT_ID.SCALAR || named.type === EVENT_ID.ALIAS ? at + 1 : walk(at, [...path, key]);
        at = walk(at, [...path, key]);
      }
    }
    return at + 1;
  };
  for (let index = 0; index < events.length; index++) {
    if (events[index]!.type !== EVENT_ID.DOCUMENT) continue;
    document++;
    if (events[index + 1] !== undefined) walk(index + 1, []);
  }
  return found;
}

/** What the comments of a text mean, by where the text before each one ends. Looks at every line once. */
function meaningsByEnd(text: string): ReadonlyMap<number, Pick<Marker, "policy" | "holds">> {
  const found = new Map<number, Pick<Marker, "policy" | "holds">>();
  for (let at = text.indexOf(word); at >= 0; ) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const hash = text.lastIndexOf("#", at);
    const meaning = hash < 0 ? undefined : meaningOf(text.slice(hash + 1, end));
    if (meaning !== undefined) {
      let before = hash;
      while (before > 0 && "# \t".includes(text[before - 1]!)) before--;
      found.set(before, meaning);
    }
    at = text.indexOf(word, end);
  }
  return found;
}

function meaningOf(json: string): Pick<Marker, "policy" | "holds"> | undefined {
  let parsed: { $imagepolicy?: unknown };
  try {
    parsed = JSON.parse(json) as typeof parsed;
  } catch {
    return undefined;
  }
  const [namespace, name, part, ...more] =
    typeof parsed.$imagepolicy === "string" ? parsed.$imagepolicy.split(":") : [];
  if (!namespace || !name || more.length > 0) return undefined;
  const holds = part === undefined ? "reference" : holdings.find((one) => one === part);
  return holds === undefined ? undefined : { policy: `${namespace}:${name}`, holds };
}

/**
 * Answers the markers of one object: those of its document, or of its place in a List with paths that start there. The
 * markers are looked through once, however many objects ask.
 */
export function markersOfObjects(markers: readonly Marker[]): (document: number, item?: number) => readonly Marker[] {
  const documents = Map.groupBy(markers, ({ document }) => document);
  const items = Map.groupBy(
    markers.filter(({ path }) => path[0] === "items" && typeof path[1] === "number"),
    ({ document, path }) => `${document} ${path[1]}`,
  );
  return (document, item) =>
    item === undefined
      ? (documents.get(document) ?? [])
      : (items.get(`${document} ${item}`) ?? []).map((marker) => ({ ...marker, path: marker.path.slice(2) }));
}
