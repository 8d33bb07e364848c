import { createHash } from "node:crypto";
import { type DesiredState, rankOf } from "./desired.ts";
import type { Inventory, InventoryEntry } from "./inventory.ts";

/** What to do about objects that Git no longer names. */
export interface PrunePlan {
  readonly remove: readonly { readonly key: string; readonly entry: InventoryEntry }[];
  /** Kept though Git does not name them now: their file is broken or their path is empty. */
  readonly keep: readonly string[];
  /** Set when more than half would go: nothing goes until a commit confirms this hash. */
  readonly confirm?: { readonly hash: string; readonly objects: readonly string[]; readonly of: number };
}

/** Decides what goes, in the order it goes: the reverse of applying. Confirmed hashes come from `Sluice-Prune` trailers. */
export function planPrune(
  inventory: Inventory,
  desired: DesiredState,
  confirmed: (hash: string) => boolean,
): PrunePlan {
  const remove: { key: string; entry: InventoryEntry }[] = [];
  const keep: string[] = [];
  for (const [key, entry] of Object.entries(inventory.entries)) {
    if (desired.objects.has(key) || desired.ignored.has(key)) continue;
    const empty = desired.emptyPaths.some((path) => isBelow(entry.file, path));
    if (desired.brokenFiles.has(entry.file) || empty) keep.push(key);
    else remove.push({ key, entry });
  }
  // What is applied for the first time with this commit was not part of the environment that is asked about.
  const of = Object.entries(inventory.entries).filter(
    ([key, { pending }]) => !pending || !desired.objects.has(key),
  ).length;
  remove.sort((a, b) => rankOf(b.entry.kind) - rankOf(a.entry.kind) || (a.key < b.key ? -1 : 1));
  if (remove.length * 2 <= of || remove.length === 0) return { remove, keep };
  const objects = remove.map(({ key }) => key).sort();
  const hash = createHash("sha256").update(objects.join("\n")).digest("hex").slice(0, 12);
  if (confirmed(hash)) return { remove, keep };
  return { remove: [], keep: [...keep, ...objects], confirm: { hash, objects, of } };
}

function isBelow(file: string, path: string): boolean {
  const folder = path.replace(/^\.\/?/, "").replace(/\/$/, "");
  return folder === "" || file === folder || file.startsWith(`${folder}/`);
}
