import type { CatalogueRepository, SuspectTags } from "../model/catalogue.ts";
import type { TagFilter } from "../policies/filter.ts";
import { readVersion } from "../policies/order.ts";

/** Why a tag list that shrank is not trusted, and who can say that it is right. */
export function tagsMissing(suspect: SuspectTags): { readonly text: string; readonly who: string } {
  return {
    text: `${suspectText(suspect)}; automation waits until they are back, or for a day`,
    who: "anybody who promotes from it by hand, which accepts the list as it is",
  };
}

/** What happened to a tag list, in a clause. */
export function suspectText({ had, has }: SuspectTags): string {
  return `the registry listed ${had} tags and lists ${has === 0 ? "none" : `only ${has}`} of them now`;
}

/** What is wrong with what is known of a repository, the worst first; undefined when nothing is. */
export function troubleOf({ problem, suspect, badTags }: CatalogueRepository): string | undefined {
  if (problem !== undefined) return problem;
  if (suspect !== undefined) return tagsMissing(suspect).text;
  const bad = Object.entries(badTags);
  const [first] = bad;
  if (first === undefined) return undefined;
  const others = bad.length === 1 ? "" : `, and ${bad.length - 1} more`;
  return `${first[0]} cannot be read: ${first[1]}${others}`;
}

/**
 * The tag that would be taken, or could be, if it could be read: it passes the filter and is newer than the version, or
 * may be, where only its image would tell when it was built. Undefined where there is none.
 */
export function unreadTag(
  repository: CatalogueRepository,
  filter: TagFilter,
  tag: string | undefined,
): string | undefined {
  for (const [bad, why] of Object.entries(repository.badTags).reverse()) {
    if (!filter.allows(bad)) continue;
    const order = tag === undefined ? "newer" : standing(filter, bad, tag);
    if (order === "newer") return `newer ${bad} cannot be read: ${why}`;
    if (order === "unknown") return `${bad} may be newer and cannot be read: ${why}`;
  }
  return undefined;
}

function standing(filter: TagFilter, a: string, b: string): "newer" | "older" | "unknown" {
  if (!filter.byTime) return filter.compare({ tag: a }, { tag: b }) < 0 ? "newer" : "older";
  const [left, right] = [readVersion(a), readVersion(b)];
  if (left === undefined || right === undefined) return "unknown";
  return left.compare(right) > 0 ? "newer" : "older";
}
