import fc from "fast-check";
import type { AnnotationEdit } from "../../../src/manifests/edit.ts";
import { comment, commentLine, type Quote, quote, type Stretch, value, writtenAs } from "./texts.ts";

/** One annotation as a file writes it. */
interface Written {
  readonly key: string;
  readonly value: string;
  readonly quote: Quote;
  readonly keyQuote: Quote;
  readonly note: string;
  readonly above: string;
  readonly form: "line" | "strip" | "fold";
}
export interface Annotations {
  readonly form: "block" | "flow" | "missing" | "nothing" | "tilde" | "braces";
  readonly note: string;
  readonly entries: readonly Written[];
}

export const keys = [
  "fluxcd.io/automated",
  "fluxcd.io/locked",
  "fluxcd.io/locked_msg",
  "sluice.dev/tag.web",
  "note",
  "example.com/on",
];

export const annotations: fc.Arbitrary<Annotations> = fc.record({
  form: fc.constantFrom("block", "block", "block", "flow", "missing", "nothing", "tilde", "braces"),
  note: comment,
  entries: fc.uniqueArray(
    fc.record<Written>({
      key: fc.constantFrom(...keys),
      value,
      quote,
      keyQuote: quote,
      note: comment,
      above: commentLine,
      form: fc.constantFrom("line", "line", "line", "strip", "fold"),
    }),
    { selector: ({ key }) => key, minLength: 1, maxLength: 4 },
  ),
});

/** The annotations of a generated object before anything is planned. */
function standing({ form, entries }: Annotations): Readonly<Record<string, string>> {
  return form === "block" || form === "flow"
    ? Object.fromEntries(entries.map((entry) => [entry.key, entry.value]))
    : {};
}

/** The lines of a block of metadata that hold annotations; `right` and `step` are blanks. */
export function blockAnnotations(model: Annotations, id: string, right: number, step: number): Stretch {
  const pad = " ".repeat(right);
  const inner = " ".repeat(right + step);
  const line = ([key, text]: readonly [string, string]) => `${inner}${key}: ${writtenAs(text, "")}\n`;
  return (wanted) => {
    const plan = wanted.annotations.get(id);
    const fresh = additions(model, plan);
    const lines = fresh.map(line).join("");
    const header = `${pad}annotations:`;
    if (model.form === "missing") return fresh.length === 0 ? "" : `${header}\n${lines}`;
    if (model.form === "nothing") return `${header}${model.note}\n${lines}`;
    if (model.form === "tilde" || model.form === "braces") {
      const pairs = pairsOf(fresh);
      const none = model.form === "tilde" ? "~" : "{}";
      return `${header} ${pairs === "" ? none : `{ ${pairs} }`}${model.note}\n`;
    }
    if (model.form === "flow") {
      const inside = flowEntries(model, plan);
      return inside === "" ? "" : `${header} ${inside}${model.note}\n`;
    }
    const going = new Set(plan?.remove);
    const staying = model.entries.filter(({ key }) => !going.has(key));
    const empty = staying.length === 0 && fresh.length === 0;
    const last = staying.at(-1) ?? model.entries.at(-1)!;
    const body = model.entries.map((entry) => {
      const text = going.has(entry.key) ? "" : blockEntry(entry, plan?.set[entry.key], inner, step);
      return entry.above + text + (entry === last ? lines : "");
    });
    return (empty ? "" : `${header}${model.note}\n`) + body.join("");
  };
}

function blockEntry(entry: Written, set: string | undefined, inner: string, step: number): string {
  const key = inner + writtenAs(entry.key, entry.keyQuote);
  const next = set ?? entry.value;
  if (!isBlock(entry)) return `${key}: ${writtenAs(next, entry.quote, entry.value)}${entry.note}\n`;
  const mark = entry.form === "strip" ? "|-" : ">-";
  if (next !== entry.value && !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(next))
    return `${key}: ${JSON.stringify(next)}${entry.note}\n`;
  return `${key}: ${mark}${entry.note}\n${inner}${" ".repeat(step)}${next}\n`;
}

/** Only what can stand on a line of its own is written as a block of text. */
function isBlock({ form, value: text }: Written): boolean {
  return form !== "line" && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith("#");
}

/** The same between braces, before the other keys: empty where the mapping goes. */
export function flowAnnotations(model: Annotations, id: string): Stretch {
  return (wanted) => {
    const plan = wanted.annotations.get(id);
    const pairs = pairsOf(additions(model, plan));
    const filled = `{ ${pairs} }`;
    if (model.form === "missing") return "";
    if (model.form === "nothing") return `annotations:${pairs === "" ? "" : ` ${filled}`} , `;
    if (model.form === "tilde") return `annotations: ${pairs === "" ? "null" : filled}, `;
    if (model.form === "braces") return `annotations: ${pairs === "" ? "{}" : filled}, `;
    const inside = flowEntries(model, plan);
    return inside === "" ? "" : `annotations: ${inside}, `;
  };
}

/** Annotations that were missing between braces, behind the other keys. */
export function newFlowAnnotations(model: Annotations, id: string): Stretch {
  return (wanted) => {
    const pairs = model.form === "missing" ? pairsOf(additions(model, wanted.annotations.get(id))) : "";
    return pairs === "" ? "" : `, annotations: { ${pairs} }`;
  };
}

function flowEntries(model: Annotations, plan: Plan | undefined): string {
  const kept = model.entries
    .filter(({ key }) => plan?.remove.includes(key) !== true)
    .map(
      (entry) =>
        `${writtenAs(entry.key, entry.keyQuote)}: ${writtenAs(plan?.set[entry.key] ?? entry.value, entry.quote, entry.value)}`,
    );
  const fresh = additions(model, plan);
  const all = [...kept, ...(fresh.length === 0 ? [] : [pairsOf(fresh)])];
  return all.length === 0 ? "" : `{${all.join(", ")}}`;
}

function pairsOf(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([key, text]) => `${key}: ${writtenAs(text, "")}`).join(", ");
}

type Plan = Pick<AnnotationEdit, "set" | "remove">;

/** What is set and not there yet, in the order asked for. */
function additions(model: Annotations, plan: Plan | undefined): [string, string][] {
  const there = standing(model);
  return Object.entries(plan?.set ?? {}).filter(
    ([key]) => there[key] === undefined && plan?.remove.includes(key) !== true,
  );
}
