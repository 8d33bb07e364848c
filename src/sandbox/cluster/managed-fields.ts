import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../model/kubernetes.ts";
import { ApiFailure, type FieldCause } from "./failure.ts";
import {
  compareFields,
  difference,
  type FieldSet,
  fieldsOf,
  fromFieldsV1,
  intersection,
  isEmpty,
  none,
  pathsOf,
  toFieldsV1,
  union,
} from "./fields.ts";
import { mergeApplied, withoutFields } from "./merge.ts";
import { type FieldSchema, isMap } from "./schema.ts";

/** Who writes, by which way. */
export interface Writer {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource?: string;
}
interface Entry extends Writer {
  readonly time?: string;
  readonly fields: FieldSet;
}
const unowned = new Set([
  "name",
  "namespace",
  "generateName",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
  "uid",
  "generation",
  "managedFields",
  "resourceVersion",
]);

/** The part of an object that a write can own. */
function ownable(object: KubeObject | undefined, writer: Writer, hasStatus: boolean): Record<string, unknown> {
  if (object === undefined) return {};
  if (writer.subresource === "status") {
    const { status, metadata } = object;
    const { annotations } = metadata;
    return {
      ...(annotations === undefined ? {} : { metadata: { annotations } }),
      ...(status === undefined ? {} : { status }),
    };
  }
  const { apiVersion: _, kind: __, metadata, ...rest } = object;
  if (hasStatus) delete rest.status;
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !unowned.has(key)));
  return Object.keys(kept).length === 0 ? rest : { metadata: kept, ...rest };
}

function read(object: KubeObject | undefined): Entry[] {
  const entries = (object?.metadata.managedFields ?? []) as (Writer & { time?: string; fieldsV1?: unknown })[];
  return entries.map(({ fieldsV1, ...entry }) => ({ ...entry, fields: fromFieldsV1(fieldsV1) }));
}
function write(entries: readonly Entry[]): object[] {
  return entries
    .filter((entry) => !isEmpty(entry.fields))
    .sort(
      (a, b) =>
        a.operation.localeCompare(b.operation) ||
        (a.time ?? "").localeCompare(b.time ?? "") ||
        a.manager.localeCompare(b.manager),
    )
    .map(({ manager, operation, apiVersion, time, subresource, fields }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: "FieldsV1",
      fieldsV1: toFieldsV1(fields),
      ...(subresource === undefined ? {} : { subresource }),
    }));
}
function isSame(a: Writer, b: Writer): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    (a.operation === "Apply" || a.apiVersion === b.apiVersion)
  );
}

export interface Ownership {
  readonly schema: FieldSchema;
  readonly hasStatus: boolean;
  readonly time: string;
}

/** `managedFields` after a write that is no apply: the writer owns what it changed, others lose that. */
export function ownedAfterUpdate(
  before: KubeObject | undefined,
  after: KubeObject,
  writer: Writer,
  { schema, hasStatus, time }: Ownership,
): object[] {
  // One empty entry is how a client asks to forget all owners.
  if (before !== undefined && isDeepStrictEqual(after.metadata.managedFields, [{}])) return [];
  const entries = read(before);
  const changes = compareFields(ownable(before, writer, hasStatus), ownable(after, writer, hasStatus), schema);
  const written = union(changes.added, changes.modified);
  const lost = union(written, changes.removed);
  const mine = entries.find((entry) => isSame(entry, writer));
  const fields = union(difference(mine?.fields ?? none, changes.removed), written);
  const changed = !isEmpty(lost);
  const others = entries
    .filter((entry) => entry !== mine)
    .map((entry) => ({ ...entry, fields: difference(entry.fields, lost) }));
  return write([...others, { ...writer, time: changed ? time : (mine?.time ?? time), fields }]);
}

/**
 * Server-side apply: lays the applied object over the live one, takes out what this manager applied before and no
 * longer does, and keeps account of owners. Throws 409 when another manager owns a field it would change.
 */
export function applyFields(
  live: KubeObject | undefined,
  applied: KubeObject,
  writer: Writer,
  force: boolean,
  { schema, hasStatus, time }: Ownership,
): KubeObject {
  const wanted = ownable(applied, writer, hasStatus);
  const current = ownable(live, writer, hasStatus);
  const fields = fieldsOf(wanted, schema);
  const entries = read(live);
  const mine = entries.find((entry) => isSame(entry, writer));
  const others = entries.filter((entry) => entry !== mine);
  const kept = others.reduce((set, entry) => union(set, entry.fields), fields);
  const gone = difference(mine?.fields ?? none, fields);
  const merged = mergeApplied(current, wanted, schema);
  const next = (isEmpty(gone) ? merged : (withoutFields(merged, gone, kept, schema) ?? {})) as Record<string, unknown>;
  const changes = compareFields(current, next, schema);
  const written = union(changes.modified, changes.added);
  const conflicts = others
    .map((entry) => ({ entry, paths: pathsOf(intersection(entry.fields, written)) }))
    .filter(({ paths }) => paths.length > 0);
  if (conflicts.length > 0 && !force) throw conflictFailure(conflicts);
  const lost = union(written, changes.removed);
  const left = others.map((entry) => ({ ...entry, fields: difference(entry.fields, lost) }));
  const same =
    mine !== undefined &&
    isEmpty(lost) &&
    isEmpty(difference(mine.fields, fields)) &&
    isEmpty(difference(fields, mine.fields));
  const owner = { ...writer, time: same ? (mine.time ?? time) : time, fields };
  return assemble(live, applied, next, writer, hasStatus, write([...left, owner]));
}

function assemble(
  live: KubeObject | undefined,
  applied: KubeObject,
  next: Record<string, unknown>,
  writer: Writer,
  hasStatus: boolean,
  managedFields: object[],
): KubeObject {
  const base = live ?? {
    apiVersion: applied.apiVersion,
    kind: applied.kind,
    metadata: { name: applied.metadata.name },
  };
  if (writer.subresource === "status") {
    const { status: _, ...rest } = base;
    const { metadata, ...parts } = next as { metadata?: Record<string, unknown> };
    return { ...rest, ...parts, metadata: { ...base.metadata, ...metadata, managedFields } };
  }
  const fixed = Object.fromEntries(Object.entries(base.metadata).filter(([key]) => unowned.has(key)));
  const { metadata, ...rest } = next as { metadata?: Record<string, unknown> };
  const { namespace, resourceVersion, uid } = applied.metadata;
  return {
    apiVersion: applied.apiVersion,
    kind: applied.kind,
    metadata: {
      ...fixed,
      ...(namespace === undefined ? {} : { namespace }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(uid === undefined ? {} : { uid }),
      ...metadata,
      managedFields,
      name: applied.metadata.name,
    },
    ...rest,
    ...(hasStatus && base.status !== undefined ? { status: base.status } : {}),
  };
}

function conflictFailure(conflicts: readonly { entry: Entry; paths: readonly string[] }[]): ApiFailure {
  const rows = conflicts.map(({ entry, paths }) => ({ who: managerText(entry), paths }));
  rows.sort((a, b) => a.who.localeCompare(b.who));
  const causes: FieldCause[] = rows.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${who}`, field })),
  );
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${causes[0]!.message}: ${causes[0]!.field}`
      : `Apply failed with ${causes.length} conflicts: ${rows
          .map(({ who, paths }) => [`conflicts with ${who}:`, ...paths.map((path) => `- ${path}`)].join("\n"))
          .join("\n")}`;
  return new ApiFailure(409, "Conflict", message, { causes });
}
function managerText(entry: Entry): string {
  const who =
    JSON.stringify(entry.manager) + (entry.subresource ? ` with subresource ${JSON.stringify(entry.subresource)}` : "");
  if (entry.operation === "Apply") return who;
  return `${who} using ${entry.apiVersion}`;
}

/** Whether two objects are the same but for the times in `managedFields`, so that nothing needs writing. */
export function isUnchanged(before: KubeObject, after: KubeObject): boolean {
  const bare = ({ metadata: { resourceVersion: _, managedFields, ...metadata }, ...rest }: KubeObject) => ({
    rest,
    metadata,
    owners: (managedFields as { time?: string }[] | undefined)?.map(({ time: __, ...entry }) => entry),
  });
  return isSameJson(bare(before), bare(after));
}
/** Equality of what JSON would hold: a key without a value is no key. */
function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((entry, index) => isSameJson(entry, b[index]));
  if (!isMap(a) || !isMap(b)) return false;
  return (
    Object.keys(a).every((key) => isSameJson(a[key], b[key])) &&
    Object.keys(b).every((key) => b[key] === undefined || key in a)
  );
}
