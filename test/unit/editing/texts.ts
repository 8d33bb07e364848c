import fc from "fast-check";
import type { AnnotationEdit } from "../../../src/manifests/edit.ts";

/** What is planned for a generated file, told apart by what the file itself calls it. */
export interface Wanted {
  /** New reference by workload and container. */
  readonly images: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, Pick<AnnotationEdit, "set" | "remove">>;
}
export const nothingWanted: Wanted = { images: new Map(), annotations: new Map() };

/** A stretch of a file: written as it is before anything is planned, or as it has to be afterwards. */
export type Stretch = (wanted: Wanted) => string;

export const fixed =
  (text: string): Stretch =>
  () =>
    text;
export const joined =
  (stretches: readonly Stretch[]): Stretch =>
  (wanted) =>
    stretches.map((stretch) => stretch(wanted)).join("");

export type Quote = "" | "'" | '"';
/** Values of annotations and tags with whether they need quotes to stay the text they are. */
const texts = [
  ["alice", false],
  ["semver:~1.2", false],
  ["glob:1.*", false],
  ["main-12", false],
  ["2026-01-02", false],
  ["true", true],
  ["1.10", true],
  ["0x1f", true],
  ["1e3", true],
  ["007", true],
  ["null", true],
  ["yes", true],
  ["~", true],
  ["", true],
  ["it's so", true],
  ['say "no"', true],
  ["a: b", true],
  ["# no", true],
  ["tab\there", true],
  ["two\nlines", true],
  ["ünï ✓ 🚢", true],
  ["{a}", true],
  ["*x", true],
  ["c:\\dir", true],
] as const;
const needsQuotes = new Map<string, boolean>(texts);

export const value = fc.constantFrom(...texts.map(([text]) => text));

/** The quotes a text stands in when these are asked for: double ones where these cannot hold it as it is. */
function quotesOf(text: string, quote: Quote): Quote {
  const holds =
    quote === "'" ? !/[\n\t]/.test(text) : needsQuotes.get(text) !== true && !/^(?:[0-9.]+|0x1f)$/.test(text);
  return holds ? quote : '"';
}

/** A text as a scalar; `of` is the one it replaces, whose style it keeps where it can. */
export function writtenAs(text: string, quote: Quote, of = text): string {
  const quotes = quotesOf(text, quotesOf(of, quote));
  if (quotes === "'") return `'${text.replaceAll("'", "''")}'`;
  return quotes === "" ? text : JSON.stringify(text);
}

export const quote = fc.constantFrom<Quote>("", "'", '"');
export const comment = fc.constantFrom("", "", " # keep me", "  # 'odd' \"quotes\" {{ no template }}, {a: b}", " #");
export const commentLine = fc.constantFrom("", "", "# above: it\n", "#\n\n", "\n", " # far right\n");
