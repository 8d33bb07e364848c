import type { CliContext } from "../context.ts";

export type OutputForm = "table" | "json" | "yaml" | "name";
export interface OutputFlags {
  readonly output: OutputForm;
}
export const outputFlags = {
  output: {
    kind: "enum",
    values: ["table", "json", "yaml", "name"],
    default: "table",
    brief: "Form: a table, the API's answer as JSON or YAML, or names alone",
  },
} as const;
export const outputAliases = { o: "output" } as const;

/** Prints an answer in the form asked for: the answer itself as JSON or YAML, one name a line, or the table. */
export async function print<T>(
  context: CliContext,
  form: OutputForm,
  answer: T,
  show: { readonly table: (answer: T) => string; readonly names: (answer: T) => readonly string[] },
): Promise<void> {
  if (form === "table") context.out.write(show.table(answer));
  else if (form === "json") context.out.write(`${JSON.stringify(answer, null, 2)}\n`);
  else if (form === "name") context.out.write([...new Set(show.names(answer))].map((name) => `${name}\n`).join(""));
  else {
    const { dump } = await import("js-yaml");
    context.out.write(dump(JSON.parse(JSON.stringify(answer)), { lineWidth: -1, noRefs: true }));
  }
}
