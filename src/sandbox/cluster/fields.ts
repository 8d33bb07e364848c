import { isDeepStrictEqual } from "node:util";
import { child, entryKey, type FieldSchema, isAssociative, isMap } from "./schema.ts";

/**
 * A set of field paths as a tree of fieldsV1 path elements (`f:spec`, `k:{"name":"app"}`, `v:"x"`); `member` says that
 * the path ending here is in the set.
 */
export interface FieldSet {
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}
export interface FieldChanges {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}
export const none: FieldSet = { member: false, children: new Map() };
const leaf: FieldSet = { member: true, children: new Map() };

export function isEmpty(set: FieldSet): boolean {
  return !set.member && set.children.size === 0;
}

/** Entries of an associative list by their path element; undefined when the list cannot be told apart by its keys. */
export function entriesByKey(schema: FieldSchema, list: readonly unknown[]): Map<string, unknown> | undefined {
  if (!isAssociative(schema)) return undefined;
  const entries = new Map<string, unknown>();
  for (const entry of list) {
    const key = entryKey(schema, entry);
    if (key === undefined || entries.has(key)) return undefined;
    entries.set(key, entry);
  }
  return entries;
}

/** All fields a value names. */
export function fieldsOf(value: unknown, schema: FieldSchema): FieldSet {
  if (isMap(value) && !schema.atomic) {
    const children = Object.entries(value).map(([key, entry]) => [`f:${key}`, fieldsOf(entry, child(schema, key))]);
    return children.length === 0 ? leaf : tree(false, children as [string, FieldSet][]);
  }
  const entries = Array.isArray(value) ? entriesByKey(schema, value) : undefined;
  if (entries === undefined) return leaf;
  const { items = {} } = schema;
  return tree(
    false,
    [...entries].map(([key, entry]) => [
      key,
      isMap(entry) ? { member: true, children: fieldsOf(entry, items).children } : leaf,
    ]),
  );
}

/** What changes from one value to another. */
export function compareFields(before: unknown, after: unknown, schema: FieldSchema): FieldChanges {
  if (before === undefined && after === undefined) return { added: none, modified: none, removed: none };
  if (before === undefined) return { added: fieldsOf(after, schema), modified: none, removed: none };
  if (after === undefined) return { added: none, modified: none, removed: fieldsOf(before, schema) };
  const pairs = comparable(before, after, schema);
  if (pairs === undefined)
    return { added: none, modified: isDeepStrictEqual(before, after) ? none : leaf, removed: none };
  const added: [string, FieldSet][] = [];
  const modified: [string, FieldSet][] = [];
  const removed: [string, FieldSet][] = [];
  for (const { key, old, now, schema: inner } of pairs) {
    const changes = compareFields(old, now, inner);
    const isEntry = !key.startsWith("f:");
    added.push([key, old === undefined && isEntry ? { ...changes.added, member: true } : changes.added]);
    modified.push([key, changes.modified]);
    removed.push([key, now === undefined && isEntry ? { ...changes.removed, member: true } : changes.removed]);
  }
  return { added: tree(false, added), modified: tree(false, modified), removed: tree(false, removed) };
}

interface Pair {
  readonly key: string;
  readonly old: unknown;
  readonly now: unknown;
  readonly schema: FieldSchema;
}
function comparable(before: unknown, after: unknown, schema: FieldSchema): Pair[] | undefined {
  if (isMap(before) && isMap(after) && !schema.atomic)
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((key) => ({
      key: `f:${key}`,
      old: before[key],
      now: after[key],
      schema: child(schema, key),
    }));
  if (!Array.isArray(before) || !Array.isArray(after)) return undefined;
  const old = entriesByKey(schema, before);
  const now = entriesByKey(schema, after);
  if (old === undefined || now === undefined) return undefined;
  return [...new Set([...old.keys(), ...now.keys()])].map((key) => ({
    key,
    old: old.get(key),
    now: now.get(key),
    schema: schema.items ?? {},
  }));
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const keys = new Set([...a.children.keys(), ...b.children.keys()]);
  return tree(
    a.member || b.member,
    [...keys].map((key) => [key, union(a.children.get(key) ?? none, b.children.get(key) ?? none)]),
  );
}
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return a;
  return tree(
    a.member && !b.member,
    [...a.children].map(([key, set]) => [key, difference(set, b.children.get(key) ?? none)]),
  );
}
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return tree(
    a.member && b.member,
    [...a.children].map(([key, set]) => [key, intersection(set, b.children.get(key) ?? none)]),
  );
}

function tree(member: boolean, children: readonly (readonly [string, FieldSet])[]): FieldSet {
  return { member, children: new Map(children.filter(([, set]) => !isEmpty(set))) };
}

/** The set as fieldsV1 writes it. */
export function toFieldsV1(set: FieldSet): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, inner] of [...set.children].sort(([a], [b]) => (a < b ? -1 : 1)))
    fields[key] = inner.children.size === 0 ? {} : { ...(inner.member ? { ".": {} } : {}), ...toFieldsV1(inner) };
  return fields;
}
export function fromFieldsV1(fields: unknown): FieldSet {
  if (!isMap(fields)) return none;
  const read = (value: unknown): FieldSet => {
    if (!isMap(value) || Object.keys(value).length === 0) return leaf;
    return { ...fromFieldsV1(value), member: "." in value };
  };
  const entries = Object.entries(fields).filter(([key]) => key !== ".");
  return tree(
    false,
    entries.map(([key, value]) => [key, read(value)]),
  );
}

/** Paths of the set in Kubernetes' words: `.spec.containers[name="app"].image`. */
export function pathsOf(set: FieldSet, prefix = ""): string[] {
  const paths = set.member ? [prefix] : [];
  for (const [key, inner] of set.children) paths.push(...pathsOf(inner, prefix + elementText(key)));
  return paths.sort();
}
function elementText(key: string): string {
  if (key.startsWith("f:")) return `.${key.slice(2)}`;
  if (key.startsWith("v:")) return `[=${key.slice(2)}]`;
  const keys = Object.entries(JSON.parse(key.slice(2)) as Record<string, unknown>);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]`;
}
