import type { WorkloadPolicy } from "../model/workload.ts";

/** Prefixes that carry policies, the one that wins first: ours, Flux v1's, Flux v1's older one. */
const prefixes = ["sluice.dev/", "fluxcd.io/", "flux.weave.works/"] as const;
const filterPrefixes = ["filter.fluxcd.io/"] as const;

/** Reads what annotations say may happen by itself (Flux v1's keys and ours). Switches are on only at exactly "true". */
export function policyOf(annotations: Readonly<Record<string, unknown>>): WorkloadPolicy {
  const read = (key: string): string | undefined => {
    for (const prefix of prefixes) {
      const value = annotations[prefix + key];
      if (typeof value === "string") return value;
    }
    return undefined;
  };
  const tags: Record<string, string> = {};
  for (const [key, value] of Object.entries(annotations)) {
    if (typeof value !== "string") continue;
    for (const prefix of filterPrefixes) if (key.startsWith(prefix)) tags[key.slice(prefix.length)] ??= value;
  }
  for (const prefix of [...prefixes].reverse())
    for (const [key, value] of Object.entries(annotations))
      if (typeof value === "string" && key.startsWith(`${prefix}tag.`)) tags[key.slice(prefix.length + 4)] = value;
  const by = read("locked_user");
  const message = read("locked_msg");
  const locked = read("locked") === "true";
  return {
    automated: read("automated") === "true",
    ...(locked
      ? { locked: { ...(by === undefined ? {} : { by }), ...(message === undefined ? {} : { message }) } }
      : {}),
    ignored: read("ignore") === "true",
    tags,
  };
}
