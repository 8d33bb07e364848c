import type { KubeObject } from "../../model/kubernetes.ts";
import type { ResourceType } from "./kinds.ts";
import { isMap } from "./schema.ts";

/** What a write of the status changes beside it: who owns it, and of built-in kinds the annotations. */
export function takeStatusParts(type: ResourceType, next: KubeObject, candidate: KubeObject): void {
  if (!("status" in candidate)) delete next.status;
  const { managedFields, annotations } = candidate.metadata;
  if (managedFields !== undefined) next.metadata.managedFields = managedFields;
  if (type.custom !== undefined) return;
  if (annotations === undefined) delete next.metadata.annotations;
  else next.metadata.annotations = annotations;
}

/** A typed kind does not keep empty lists, but for those that mean something. */
export function dropEmptyLists(value: unknown): void {
  if (Array.isArray(value)) value.forEach(dropEmptyLists);
  else if (isMap(value))
    for (const [key, entry] of Object.entries(value)) {
      if (Array.isArray(entry) && entry.length === 0 && key !== "rules") delete value[key];
      else dropEmptyLists(entry);
    }
}

/** A typed kind does not keep nulls. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((entry) => entry !== null).map(withoutNulls);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null)
      .map(([key, entry]) => [key, withoutNulls(entry)]),
  );
}
