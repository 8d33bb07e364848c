import type { CatalogueImage, SuspectTags } from "../model/catalogue.ts";
import type { Values } from "../model/ports/store.ts";

/** After this long a tag list that shrank is taken for what the registry really holds. */
export const trustedAfter = 24 * 3_600_000;
/** Fewer tags than these going at once are an ordinary clean-up. */
const leastGone = 5;

/** What a scan says of tags that were known before. */
export interface Shrinking {
  readonly gone: readonly CatalogueImage[];
  /** Set where so much went at once that the list may not be whole. */
  readonly suspect: SuspectTags | undefined;
}

/**
 * Whether a list may not be whole: a registry that lost its index, or a proxy that answers half, looks exactly like
 * people who deleted most of their tags. Suspicion begins when more than half of the known tags (five at least) or all
 * of them are gone at once, and ends when that is no longer so, or after a day.
 */
export function lookAtTags(
  known: readonly CatalogueImage[],
  tags: ReadonlySet<string>,
  before: SuspectTags | undefined,
  now: number,
): Shrinking {
  const gone = known.filter((image) => !tags.has(image.tag));
  const has = known.length - gone.length;
  const shrank = gone.length > 0 && (tags.size === 0 || (gone.length >= leastGone && gone.length > has));
  if (!shrank) return { gone, suspect: undefined };
  const since = before?.since ?? now;
  return { gone, suspect: now - since >= trustedAfter ? undefined : { since, had: known.length, has } };
}

const key = (name: string): string => `tags missing ${name}`;

/** Keeps the suspicion over a restart. */
export async function keepSuspicion(values: Values, name: string, suspect: SuspectTags | undefined): Promise<void> {
  await values.put(key(name), suspect === undefined ? "" : JSON.stringify(suspect));
}
export async function keptSuspicion(values: Values, name: string): Promise<SuspectTags | undefined> {
  const kept = await values.get(key(name));
  return kept === undefined || kept === "" ? undefined : (JSON.parse(kept) as SuspectTags);
}
