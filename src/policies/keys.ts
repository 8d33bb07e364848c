import { compileExpression } from "./expression.ts";

/** Takes the part of a tag that is compared out of it; undefined where the tag has none. */
export type TagKey = (tag: string) => string | undefined;

/** References and plain text; the look-ahead leaves only one way to read a text, so that none takes long. */
const extracts = /^(?:\$(?:\w+(?!\w)|\{\w+\})|[\w.+-])+$/;
/** A tag has 128 characters; an extract that repeats its groups is cut off by this. */
const maxKeyLength = 300;

/**
 * Reads `[EXTRACT:]PATTERN`, Flux v2's `filterTags`: the tag must match the expression, and what is compared is the
 * extract (`$1`, `$name` or several of them), else the expression's first group, else the whole tag. Nothing means every
 * tag as a whole.
 */
export function readKeys(text: string): { readonly keyOf: TagKey } | { readonly problem: string } {
  if (text === "") return { keyOf: (tag) => tag };
  const colon = text.startsWith("$") ? text.indexOf(":") : -1;
  const extract = colon < 0 ? undefined : text.slice(0, colon);
  const found = compileExpression(text.slice(colon + 1));
  if ("problem" in found) return found;
  const template = extract ?? (found.groups > 0 ? "$1" : undefined);
  if (template === undefined) return { keyOf: (tag) => (found.matches(tag) ? tag : undefined) };
  if (!extracts.test(template))
    return { problem: `"${template}" before the colon names no group, as $1 or $time would` };
  const unknown = found.unknownGroup(template);
  if (unknown !== undefined) return { problem: `the expression has no group "${unknown}"` };
  return {
    keyOf(tag) {
      const key = found.expand(template, tag);
      return key !== undefined && key.length <= maxKeyLength ? key : undefined;
    },
  };
}
