import { LRUCache } from "lru-cache";
import semver from "semver";
import type { CatalogueImage } from "../model/catalogue.ts";
import { textOrder } from "./decimal.ts";

/** What is compared of an image. */
export type Comparable = Pick<CatalogueImage, "tag" | "createdAt">;

/** Newest build first; ties by tag, so that the order is total. Images without a time come last. */
export function newerFirst(a: Comparable, b: Comparable): number {
  const difference = (b.createdAt ?? -Infinity) - (a.createdAt ?? -Infinity);
  return Number.isNaN(difference) || difference === 0 ? textOrder(a.tag, b.tag) : difference;
}

/** What a filter reads out of a tag to compare it by; remembered, because a sort asks again and again. */
export interface Ranking {
  /** Whether there is anything to compare. */
  readonly ranks: (tag: string) => boolean;
  /** The greatest first; of equals the tag that sorts last; what has no rank after all others. */
  readonly compare: (a: Comparable, b: Comparable) => number;
}

/** Ranks tags by what `read` finds in them; `passes` leaves some of it out of `ranks` though not out of the order. */
export function rankBy<T extends object | string>(
  read: (tag: string) => T | undefined,
  order: (a: T, b: T) => number,
  passes: (value: T) => boolean = () => true,
): Ranking {
  const known = new LRUCache<string, { readonly value: T | undefined }>({ max: 20_000 });
  const rankOf = (tag: string): T | undefined => {
    const old = known.get(tag);
    if (old !== undefined) return old.value;
    const value = read(tag);
    known.set(tag, { value });
    return value;
  };
  return {
    ranks(tag) {
      const value = rankOf(tag);
      return value !== undefined && passes(value);
    },
    compare(a, b) {
      const [left, right] = [rankOf(a.tag), rankOf(b.tag)];
      if (left === undefined || right === undefined)
        return left !== undefined ? -1 : right !== undefined ? 1 : textOrder(a.tag, b.tag);
      return order(right, left) || textOrder(b.tag, a.tag);
    },
  };
}

/** A tag as a version: a leading `v` and missing parts are allowed. */
export function readVersion(tag: string): semver.SemVer | undefined {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/.exec(tag);
  if (match === null) return undefined;
  return semver.parse(`${match[1]}.${match[2] ?? 0}.${match[3] ?? 0}${match[4] ?? ""}`) ?? undefined;
}
