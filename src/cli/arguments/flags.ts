import { text } from "./parse.ts";

/** A flag that is there or not. */
export function flag(brief: string) {
  return { kind: "boolean", optional: true, withNegated: false, brief } as const;
}

/** A flag that takes a text which may not be empty. */
export function named(placeholder: string, brief: string) {
  return { kind: "parsed", parse: text, placeholder, optional: true, brief } as const;
}
