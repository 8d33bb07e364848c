import type { KubeObject } from "../../model/kubernetes.ts";
import { metadataSchema } from "./built-in-schemas.ts";
import type { CustomRules, ResourceType } from "./kinds.ts";
import { type FieldSchema, isMap } from "./schema.ts";

interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}
interface Version {
  readonly name: string;
  readonly served?: boolean;
  readonly storage?: boolean;
  readonly schema?: { readonly openAPIV3Schema?: unknown };
  readonly subresources?: { readonly status?: unknown };
}
/** The part of a CustomResourceDefinition that says what is served. */
export interface DefinitionSpec {
  readonly group: string;
  readonly scope: string;
  readonly names: Names;
  readonly versions: readonly Version[];
}

/** The kinds a definition serves, one for each version. */
export function typesOf(spec: DefinitionSpec): ResourceType[] {
  return spec.versions
    .filter((version) => version.served !== false)
    .map((version) => ({
      group: spec.group,
      version: version.name,
      kind: spec.names.kind,
      plural: spec.names.plural,
      singular: spec.names.singular ?? spec.names.kind.toLowerCase(),
      shortNames: spec.names.shortNames ?? [],
      categories: spec.names.categories ?? [],
      namespaced: spec.scope !== "Cluster",
      hasStatus: version.subresources?.status !== undefined,
      subresources: version.subresources?.status === undefined ? [] : ["status"],
      schema: { ...fieldSchema(version.schema?.openAPIV3Schema), fields: fieldsWithMetadata(version) },
      custom: { openApi: version.schema?.openAPIV3Schema },
    }));
}
function fieldsWithMetadata(version: Version): Record<string, FieldSchema> {
  return { ...fieldSchema(version.schema?.openAPIV3Schema).fields, metadata: metadataSchema };
}

/** How fields merge by a structural schema: `x-kubernetes-list-type`, `-list-map-keys`, `-map-type`. */
function fieldSchema(openApi: unknown): FieldSchema {
  if (!isMap(openApi)) return {};
  if (openApi["x-kubernetes-map-type"] === "atomic") return { atomic: true };
  if (openApi["x-kubernetes-list-type"] === "set") return { set: true };
  const keys = openApi["x-kubernetes-list-map-keys"];
  if (openApi["x-kubernetes-list-type"] === "map" && Array.isArray(keys))
    return { keys: keys.map(String), items: fieldSchema(openApi.items), keyDefaults: keyDefaults(openApi.items) };
  const properties = isMap(openApi.properties) ? Object.entries(openApi.properties) : [];
  const rest = isMap(openApi.additionalProperties) ? { rest: fieldSchema(openApi.additionalProperties) } : {};
  return {
    fields: Object.fromEntries(properties.map(([key, inner]) => [key, fieldSchema(inner)])),
    ...rest,
  };
}
function keyDefaults(items: unknown): Record<string, unknown> {
  const properties = isMap(items) && isMap(items.properties) ? Object.entries(items.properties) : [];
  return Object.fromEntries(
    properties.flatMap(([key, inner]) => (isMap(inner) && "default" in inner ? [[key, inner.default]] : [])),
  );
}

/** Fills the defaults of a structural schema and drops fields it does not know, in place. */
export function fillCustomDefaults(object: KubeObject, { openApi }: CustomRules): void {
  if (!isMap(openApi)) return;
  const properties = isMap(openApi.properties) ? openApi.properties : {};
  for (const key of Object.keys(object)) {
    if (key === "apiVersion" || key === "kind" || key === "metadata") continue;
    if (key in properties) object[key] = shaped(object[key], properties[key]);
    else if (openApi["x-kubernetes-preserve-unknown-fields"] !== true) delete object[key];
  }
}
function shaped(value: unknown, schema: unknown): unknown {
  if (!isMap(schema)) return value;
  if (Array.isArray(value)) return value.map((entry) => shaped(entry, schema.items));
  if (!isMap(value)) return value;
  const properties = isMap(schema.properties) ? schema.properties : {};
  const keepsUnknown = schema["x-kubernetes-preserve-unknown-fields"] === true || schema.type !== "object";
  const result: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (key in properties) result[key] = shaped(entry, properties[key]);
    else if (isMap(schema.additionalProperties)) result[key] = shaped(entry, schema.additionalProperties);
    else if (keepsUnknown || schema.additionalProperties === true) result[key] = entry;
  }
  for (const [key, inner] of Object.entries(properties))
    if (result[key] === undefined && isMap(inner) && "default" in inner)
      result[key] = shaped(structuredClone(inner.default), inner);
  return result;
}
