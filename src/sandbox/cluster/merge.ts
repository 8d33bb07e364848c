import { entriesByKey, type FieldSet, isEmpty, none } from "./fields.ts";
import { child, type FieldSchema, isMap } from "./schema.ts";

/** Lays an applied value over a live one: maps by key, associative lists by entry, everything else replaced. */
export function mergeApplied(live: unknown, applied: unknown, schema: FieldSchema): unknown {
  if (live === undefined) return applied;
  if (isMap(live) && isMap(applied) && !schema.atomic) {
    const merged = { ...live };
    for (const [key, value] of Object.entries(applied))
      merged[key] = mergeApplied(live[key], value, child(schema, key));
    return merged;
  }
  if (!Array.isArray(live) || !Array.isArray(applied)) return applied;
  const old = entriesByKey(schema, live);
  const wanted = entriesByKey(schema, applied);
  return old === undefined || wanted === undefined ? applied : mergeEntries(old, wanted, schema.items ?? {});
}

/** Shared entries keep the applied order; entries only the live list has stay before the shared one they preceded. */
function mergeEntries(old: Map<string, unknown>, wanted: Map<string, unknown>, schema: FieldSchema): unknown[] {
  const shared = [...wanted.keys()].filter((key) => old.has(key));
  const merged: unknown[] = [];
  const left = [...old];
  const right = [...wanted];
  const done = new Set<string>();
  while (left.length > 0 || right.length > 0) {
    const [leftKey, leftEntry] = left[0] ?? [];
    if (leftKey !== undefined && (!wanted.has(leftKey) || done.has(leftKey) || leftKey !== shared[0])) {
      left.shift();
      if (!wanted.has(leftKey)) merged.push(leftEntry);
      continue;
    }
    const [key, entry] = right.shift() ?? [];
    if (key === undefined) break;
    merged.push(mergeApplied(old.get(key), entry, schema));
    done.add(key);
    if (key === shared[0]) shared.shift();
  }
  return merged;
}

/**
 * Takes fields out of a value: those in `gone` that are not in `kept`. Maps and lists that become empty by that go
 * too; undefined when nothing is left.
 */
export function withoutFields(value: unknown, gone: FieldSet, kept: FieldSet, schema: FieldSchema): unknown {
  if (gone.member && isEmpty(kept)) return undefined;
  if (gone.children.size === 0) return value;
  if (isMap(value)) {
    const rest: Record<string, unknown> = {};
    for (const [key, entry] of Object.entries(value)) {
      const inner = gone.children.get(`f:${key}`);
      const stays =
        inner === undefined
          ? entry
          : withoutFields(entry, inner, kept.children.get(`f:${key}`) ?? none, child(schema, key));
      if (stays !== undefined) rest[key] = stays;
    }
    return Object.keys(rest).length === 0 && !kept.member ? undefined : rest;
  }
  const entries = Array.isArray(value) ? entriesByKey(schema, value) : undefined;
  if (entries === undefined) return value;
  const rest = [...entries].flatMap(([key, entry]) => {
    const inner = gone.children.get(key);
    if (inner === undefined) return [entry];
    const stays = withoutFields(entry, inner, kept.children.get(key) ?? none, schema.items ?? {});
    return stays === undefined ? [] : [stays];
  });
  return rest.length === 0 && !kept.member ? undefined : rest;
}
