/**
 * How fields are owned and merged, as far as a kind differs from the rule: maps are granular, lists and scalars are
 * owned as a whole. `fields` names map keys, `items` makes a list associative by `keys`, `set` a list of unique values.
 */
export interface FieldSchema {
  readonly atomic?: true;
  readonly set?: true;
  readonly keys?: readonly string[];
  readonly keyDefaults?: Readonly<Record<string, unknown>>;
  readonly items?: FieldSchema;
  readonly fields?: Readonly<Record<string, FieldSchema>>;
  /** Schema of keys that `fields` does not name. */
  readonly rest?: FieldSchema;
}
const plain: FieldSchema = {};

export function child(schema: FieldSchema, key: string): FieldSchema {
  return schema.fields?.[key] ?? schema.rest ?? plain;
}
export function listBy(keys: readonly string[], items: FieldSchema = plain, keyDefaults?: Record<string, unknown>) {
  return { keys, items, ...(keyDefaults === undefined ? {} : { keyDefaults }) } satisfies FieldSchema;
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The field path element of a list entry, as fieldsV1 writes it: `k:{"name":"app"}`, `v:"x"`; undefined when an
 * entry lacks its keys.
 */
export function entryKey(schema: FieldSchema, entry: unknown): string | undefined {
  if (schema.set) return `v:${JSON.stringify(entry)}`;
  if (schema.keys === undefined || !isMap(entry)) return undefined;
  const keys: Record<string, unknown> = {};
  for (const key of [...schema.keys].sort()) {
    const value = entry[key] ?? schema.keyDefaults?.[key];
    if (value === undefined) continue;
    keys[key] = value;
  }
  return Object.keys(keys).length === 0 ? undefined : `k:${JSON.stringify(keys)}`;
}

/** Whether a list is merged entry by entry. */
export function isAssociative(schema: FieldSchema): boolean {
  return schema.set === true || schema.keys !== undefined;
}
