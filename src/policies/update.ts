import type { PolicyUpdate } from "../model/policy.ts";
import type { Workload } from "../model/workload.ts";
import { annotationsHolding } from "./annotations.ts";
import { anyTag, normalisePattern, parseFilter } from "./filter.ts";

/** Which annotations to write and take away, by their whole keys; `nothing` where Git says all of it already. */
export interface AnnotationChange {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  readonly nothing?: true;
}
export type PolicyEdit = AnnotationChange | { readonly problem: string };

/** What an update means once it is read: each key's value, or undefined where the key goes. */
type Wanted = Map<string, string | undefined>;

const newPrefix = "fluxcd.io/";
const switches = new Set(["automated", "locked", "ignore"]);
const texts = new Set(["locked_user", "locked_msg"]);
/** Annotations are bounded by the API server; no honest name or reason comes near this. */
const maxText = 1_000;

/**
 * Turns a policy update into annotations, by Flux v1's rules: taking away wins over setting; `tag_all` sets every
 * container over what is said of one; the pattern `glob:*` means no filter and takes it away; an unlock takes the name
 * and reason with it. A key keeps the prefix it stands under, a new one is written under `fluxcd.io/`; a key that goes,
 * goes under every prefix, so that no older one comes back to life. One thing that is wrong refuses the whole update.
 */
export function policyEdit(
  workload: Pick<Workload, "id" | "containers">,
  annotations: Readonly<Record<string, unknown>>,
  update: Pick<PolicyUpdate, "add" | "remove">,
): PolicyEdit {
  const wanted = readUpdate(workload, annotations, update);
  if ("problem" in wanted) return wanted;
  forgetEarlierLock(wanted.keys, annotations);
  const set = new Map<string, string>();
  const remove: string[] = [];
  for (const [key, value] of wanted.keys) {
    const standing = annotationsHolding(key, annotations);
    const counts = standing[0];
    if (value === undefined) remove.push(...standing.map((entry) => entry.name));
    else if (counts === undefined) set.set(newPrefix + key, value);
    else if (!saysSo(key, counts.value, value)) set.set(counts.name, value);
  }
  const change = { set: Object.fromEntries(set), remove };
  return set.size === 0 && remove.length === 0 ? { ...change, nothing: true } : change;
}

function readUpdate(
  workload: Pick<Workload, "id" | "containers">,
  annotations: Readonly<Record<string, unknown>>,
  { add, remove }: Pick<PolicyUpdate, "add" | "remove">,
): { keys: Wanted } | { problem: string } {
  const containers = [...new Set(workload.containers.map((slot) => slot.container))];
  const keys: Wanted = new Map();
  // The pseudo key last, so that it goes over what is said of one container.
  const ordered = Object.entries(add).sort(([a], [b]) => Number(a === "tag_all") - Number(b === "tag_all"));
  for (const [key, value] of ordered) {
    const problem = problemOfKey(workload.id, containers, key) ?? problemOfValue(key, value);
    if (problem !== undefined) return { problem };
    for (const one of spread(key, containers)) keys.set(one, textToWrite(one, value));
  }
  for (const key of remove) {
    // What stands there may go, also the filter of a container that is gone.
    const stands = annotationsHolding(key, annotations).length > 0;
    const problem = stands ? undefined : problemOfKey(workload.id, containers, key);
    if (problem !== undefined) return { problem };
    const going = key === "locked" ? ["locked", ...texts] : spread(key, containers);
    for (const one of going) keys.set(one, undefined);
  }
  return { keys };
}

function spread(key: string, containers: readonly string[]): readonly string[] {
  return key === "tag_all" ? containers.map((container) => `tag.${container}`) : [key];
}

/** The text to write; undefined where the key is to go: no filter needs no annotation, nor does an empty name. */
function textToWrite(key: string, value: string): string | undefined {
  if (!key.startsWith("tag.")) return value === "" ? undefined : value;
  const pattern = normalisePattern(value);
  return pattern === anyTag.written ? undefined : pattern;
}

function problemOfKey(workload: string, containers: readonly string[], key: string): string | undefined {
  if (switches.has(key) || texts.has(key) || key === "tag_all") return undefined;
  if (!key.startsWith("tag."))
    return `"${shorten(key)}" is no policy; there are automated, locked, locked_user, locked_msg, ignore, tag.<container> and tag_all`;
  const container = key.slice("tag.".length);
  if (containers.includes(container)) return undefined;
  return `${workload} has no container "${shorten(container)}" for ${shorten(key)}; it has ${containers.join(", ")}`;
}

function problemOfValue(key: string, value: string): string | undefined {
  if (switches.has(key)) {
    if (value === "true" || (key === "ignore" && value === "sync_only")) return undefined;
    return `${key} takes "true" only, not "${shorten(value)}"; to switch it off, take the policy away`;
  }
  if (texts.has(key))
    return value.length <= maxText ? undefined : `${key} is longer than ${maxText} characters; say it shorter`;
  const result = parseFilter(normalisePattern(value));
  return result.ok ? undefined : `invalid tag pattern: "${shorten(value)}": ${result.reason}`;
}

function saysSo(key: string, standing: string, wanted: string): boolean {
  return standing === wanted || (key.startsWith("tag.") && normalisePattern(standing) === wanted);
}

/** Who locked it last time, and why, says nothing of a new lock. */
function forgetEarlierLock(keys: Wanted, annotations: Readonly<Record<string, unknown>>): void {
  if (keys.get("locked") === undefined || annotationsHolding("locked", annotations)[0]?.value === "true") return;
  for (const text of texts) if (!keys.has(text)) keys.set(text, undefined);
}

function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}...`;
}
