import { lines, table } from "./table.ts";

/**
 * An answer whose shape is not ours to know (the trial world's): its `text` alone where it has one; else single values
 * as lines, and each list of things as a table of its own.
 */
export function showAnswer(answer: object): string {
  const entries = Object.entries(answer) as [string, unknown][];
  const text = entries.find(([key]) => key === "text")?.[1];
  if (typeof text === "string") return `${text}\n`;
  const single = entries.filter(([, value]) => !isList(value)).map(([key, value]) => [key, cell(value)]);
  const lists = entries.flatMap(([key, value]) => (isList(value) && value.length > 0 ? [listTable(key, value)] : []));
  return [...(single.length === 0 ? [] : [lines(single)]), ...lists].join("\n");
}

function listTable(name: string, list: readonly Readonly<Record<string, unknown>>[]): string {
  const keys = [...new Set(list.flatMap((entry) => Object.keys(entry)))];
  const heading = keys.map((key, index) => (index === 0 ? name : key).toUpperCase());
  return table(
    heading,
    list.map((entry) => keys.map((key) => cell(entry[key]))),
  );
}

function isList(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "object" && entry !== null);
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(cell).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
