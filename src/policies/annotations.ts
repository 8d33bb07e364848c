import type { WorkloadPolicy } from "../model/workload.ts";

/** Prefixes that carry policies, the one that wins first: ours, Flux v1's, Flux v1's older one. */
const prefixes = ["sluice.dev/", "fluxcd.io/", "flux.weave.works/"] as const;
const olderFilterPrefix = "filter.fluxcd.io/";
/** Prefixes of tag filters, the one that wins last. */
const filterPrefixes = [olderFilterPrefix, ...[...prefixes].reverse().map((prefix) => `${prefix}tag.`)];

/** Reads what annotations say may happen by itself (Flux v1's keys and ours). Switches are on only at exactly "true". */
export function policyOf(annotations: Readonly<Record<string, unknown>>): WorkloadPolicy {
  const tags = tagFilters(annotations);
  const written = writtenPolicies(annotations, tags);
  const by = written.locked_user || undefined;
  const message = written.locked_msg || undefined;
  const locked = written.locked === "true";
  return {
    automated: written.automated === "true",
    ...(locked
      ? { locked: { ...(by === undefined ? {} : { by }), ...(message === undefined ? {} : { message }) } }
      : {}),
    ignored: written.ignore === "true",
    tags,
    written,
  };
}

/**
 * The annotations a policy key (without prefix) stands under, each with its text; the one that counts comes first.
 */
export function annotationsHolding(
  key: string,
  annotations: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly value: string }[] {
  const names = prefixes.map((prefix) => prefix + key);
  if (key.startsWith("tag.")) names.push(olderFilterPrefix + key.slice("tag.".length));
  return names.flatMap((name) => {
    const value = Object.hasOwn(annotations, name) ? annotations[name] : undefined;
    return typeof value === "string" ? [{ name, value }] : [];
  });
}

const keys = ["automated", "locked", "locked_user", "locked_msg", "ignore"] as const;

/** Every policy there is, by its key without prefix; of one written twice the one that counts. */
function writtenPolicies(
  annotations: Readonly<Record<string, unknown>>,
  tags: WorkloadPolicy["tags"],
): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const key of keys) {
    const [counts] = annotationsHolding(key, annotations);
    if (counts !== undefined) found.set(key, counts.value);
  }
  for (const [container, value] of Object.entries(tags)) found.set(`tag.${container}`, value);
  return Object.fromEntries(found);
}

function tagFilters(annotations: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const prefix of filterPrefixes)
    for (const [key, value] of Object.entries(annotations))
      if (typeof value === "string" && key.startsWith(prefix)) found.set(key.slice(prefix.length), value);
  return Object.fromEntries(found);
}
