import type { Evidence } from "../../../src/model/verdict.ts";

/** Entries that say the same, once, with how many more say it: ten pods with one trouble are one sentence. */
export function alike<T>(entries: readonly T[], say: (entry: T) => string): { first: T; more: number }[] {
  const groups = new Map<string, { first: T; more: number }>();
  for (const entry of entries) {
    const key = meaning(say(entry));
    const group = groups.get(key);
    groups.set(key, group === undefined ? { first: entry, more: 0 } : { ...group, more: group.more + 1 });
  }
  return [...groups.values()];
}

/** Pod names, ids and counts differ in sentences that mean the same. */
function meaning(text: string): string {
  return text.replace(/[\w-]*\d[\w-]*/g, "#");
}

/** What a sentence says before it repeats one that stands beside it: `dev: cart` of `dev: cart: it crashes`. */
export function leadOf(text: string, beside: readonly string[]): string {
  const said = new Set(beside.map(meaning));
  if (said.has(meaning(text))) return "";
  for (let at = text.indexOf(": "); at >= 0; at = text.indexOf(": ", at + 1))
    if (said.has(meaning(text.slice(at + 2)))) return text.slice(0, at);
  return text;
}

/** A sentence without the ids that only machines need: `pod=cart-5d_shop(291e...)` is `pod=cart-5d`. */
export function brief(text: string): string {
  return text.replace(/_[a-z0-9.-]+\([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\)/g, "");
}

/** What was seen, as a sentence. */
export function evidenceText(evidence: Pick<Evidence, "reason" | "message">): string {
  return `${evidence.reason}: ${evidence.message}`;
}
