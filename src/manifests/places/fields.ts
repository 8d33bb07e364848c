import type { FieldPath } from "../locate.ts";
import type { WrittenPart } from "./written.ts";

/** A mapping of a document. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path; undefined where it leads nowhere. */
export function valueAt(value: unknown, path: FieldPath): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Object.hasOwn(at, step) ? (at as Record<string | number, unknown>)[step] : undefined;
  }
  return at;
}

const tagNumber = /^\d+(?:\.\d+)?$/;

/**
 * A scalar as a part of an image: text, or a number, which is what its digits are to whoever reads the file (`1.10`
 * without quotes is 1.1 to Helm too). Undefined for everything else.
 */
export function partAt(document: unknown, path: FieldPath): WrittenPart | undefined {
  const value = valueAt(document, path);
  if (typeof value === "string") return { path, text: value };
  if (typeof value !== "number") return undefined;
  const text = String(value);
  const exact = tagNumber.test(text) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return exact
    ? { path, text }
    : { path, text, doubt: `${path.at(-1)} is written as a number that is read as ${text}; put quotes around it` };
}

/** The same for a field that counts only when something stands in it. */
export function filledPartAt(document: unknown, path: FieldPath): WrittenPart | undefined {
  const part = partAt(document, path);
  return part?.text === "" ? undefined : part;
}

/** A container's name made of text that people chose for something else: without blanks and signs that mean something elsewhere. */
export function containerNameOf(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_./:-]/g, "_");
}
