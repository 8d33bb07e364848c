import { brief } from "./alike.ts";

/** A sentence as a person reads it; where ids were left out of it, the whole stands in the title. */
export function Said({ text }: { text: string }) {
  const shown = brief(text);
  return shown === text ? text : <span title={text}>{shown}</span>;
}
