import { load, SCALAR_STYLE, type ScalarStyle } from "js-yaml";
import { manifestSchema } from "../schema.ts";

/** Texts in which nothing is a sign of YAML's, neither in a block nor between braces. */
const harmless = /^[A-Za-z0-9_./](?:[A-Za-z0-9_./@+=~()*$;-]|:(?!$))*$/;
/** Line ends, other controls, and characters that readers and editors do not keep as they are. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u{feff}\u{fffe}\u{ffff}]/u;

/** Whether a text means exactly itself without quotes, wherever it stands. */
export function isPlain(value: string): boolean {
  return harmless.test(value) && load(value, { schema: manifestSchema }) === value;
}

/** The text between double quotes, which YAML and JSON read alike. */
export function quoted(value: string): string {
  return JSON.stringify(value).replace(
    new RegExp(unprintable, "gu"),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A text as a scalar of a style; in double quotes where the style cannot hold it as a string. */
export function scalarText(value: string, style: ScalarStyle): string {
  if (style === SCALAR_STYLE.SINGLE_QUOTED && !unprintable.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return style === SCALAR_STYLE.PLAIN && isPlain(value) ? value : quoted(value);
}
