import type { Evidence } from "../../../src/model/verdict.ts";

/** Entries that say the same, once, with how many more say it: ten pods with one trouble are one sentence. */
export function alike<T>(entries: readonly T[], say: (entry: T) => string): { first: T; more: number }[] {
  const groups = new Map<string, { first: T; more: number }>();
  for (const entry of entries) {
    // Pod names and ids differ in messages that mean the same.
    const key = say(entry).replace(/[\w-]*\d[\w-]*/g, "#");
    const group = groups.get(key);
    groups.set(key, group === undefined ? { first: entry, more: 0 } : { ...group, more: group.more + 1 });
  }
  return [...groups.values()];
}

/** What was seen, as a sentence. */
export function evidenceText(evidence: Pick<Evidence, "reason" | "message">): string {
  return `${evidence.reason}: ${evidence.message}`;
}
