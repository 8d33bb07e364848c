import type { WorkloadPolicy } from "../model/workload.ts";

/** Prefixes that carry policies, the one that wins first: ours, Flux v1's, Flux v1's older one. */
const prefixes = ["sluice.dev/", "fluxcd.io/", "flux.weave.works/"] as const;
const olderFilterPrefix = "filter.fluxcd.io/";
/** Prefixes of tag filters, the one that wins last. */
const filterPrefixes = [olderFilterPrefix, ...[...prefixes].reverse().map((prefix) => `${prefix}tag.`)];

/** Reads what annotations say may happen by itself (Flux v1's keys and ours). Switches are on only at exactly "true". */
export function policyOf(annotations: Readonly<Record<string, unknown>>): WorkloadPolicy {
  const read = (key: string): string | undefined => {
    for (const prefix of prefixes) {
      const value = annotations[prefix + key];
      if (typeof value === "string") return value;
    }
    return undefined;
  };
  const tags = tagFilters(annotations);
  const by = read("locked_user") || undefined;
  const message = read("locked_msg") || undefined;
  const locked = read("locked") === "true";
  return {
    automated: read("automated") === "true",
    ...(locked
      ? { locked: { ...(by === undefined ? {} : { by }), ...(message === undefined ? {} : { message }) } }
      : {}),
    ignored: read("ignore") === "true",
    tags,
    written: writtenPolicies(annotations),
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

const keys = new Set(["automated", "locked", "locked_user", "locked_msg", "ignore"]);

/** Every policy there is, by its key without prefix; of one written twice the one that counts. */
function writtenPolicies(annotations: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const prefix of [...prefixes].reverse())
    for (const [name, value] of Object.entries(annotations)) {
      const key = name.startsWith(prefix) ? name.slice(prefix.length) : "";
      if (typeof value === "string" && keys.has(key)) found.set(key, value);
    }
  for (const [container, value] of Object.entries(tagFilters(annotations))) found.set(`tag.${container}`, value);
  return Object.fromEntries(found);
}

function tagFilters(annotations: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (const prefix of filterPrefixes)
    for (const [key, value] of Object.entries(annotations))
      if (typeof value === "string" && key.startsWith(prefix)) found.set(key.slice(prefix.length), value);
  return Object.fromEntries(found);
}
