import type { FieldPath } from "../locate.ts";

/** One field of a document that shall hold a text, or (without `value`) shall not be there. */
export interface FieldChange {
  /** Place of the document in the file, from 0. */
  readonly document: number;
  /** Path in the document; its last step is a key wherever the field is to be inserted or taken out. */
  readonly path: FieldPath;
  readonly value?: string;
  /** What the field is, for people: `the image of shop:deployment/cart web`. */
  readonly what: string;
  /**
   * Set for a field that only goes along with another: where it is an alias of a place that changes too, nothing needs
   * to be written for it.
   */
  readonly follows?: true;
}

/** A range of the text and what replaces it. Offsets are in UTF-16 units, the end is exclusive. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The value at a path of a plain value; undefined where it leads nowhere. */
export function valueAtPath(value: unknown, path: FieldPath): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
}

/**
 * A copy with the change made: missing mappings on the way are made, one that is left empty goes with its key. What
 * aliases share is copied on the way, so that only this one place differs. `mine` are the copies made for the changes
 * before, which nobody else holds, with how many keys each has: they are changed as they stand.
 */
export function withChange(
  value: unknown,
  path: FieldPath,
  to: string | undefined,
  mine: Map<object, number>,
): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return to;
  if (Array.isArray(value)) {
    const copy: unknown[] = mine.has(value) ? value : [...value];
    mine.set(copy, copy.length);
    copy[Number(step)] = withChange(copy[Number(step)], rest, to, mine);
    return copy;
  }
  const standing = (value ?? {}) as Record<string, unknown>;
  const copy = mine.has(standing) ? standing : { ...standing };
  const before = mine.get(copy) ?? Object.keys(copy).length;
  const had = Object.hasOwn(copy, step);
  const inner = withChange(had ? copy[step] : undefined, rest, to, mine);
  if (inner === undefined) delete copy[step];
  else Object.defineProperty(copy, step, { value: inner, enumerable: true, configurable: true, writable: true });
  const now = before + Number(inner !== undefined) - Number(had);
  mine.set(copy, now);
  return to === undefined && now === 0 ? undefined : copy;
}
