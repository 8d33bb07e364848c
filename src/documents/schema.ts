import { z } from "zod";
import { documentSchema } from "../model/documents.ts";

/** A JSON Schema (draft 2020-12) as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * JSON Schemas of the configuration documents for editors, by kind: what people write, with defaults left out. `any`
 * is the schema of a file that may hold every kind.
 */
export function jsonSchemas(): Readonly<Record<string, JsonSchema>> {
  const kinds = documentSchema.options.map((option) => [option.shape.kind.value, schemaOf(option)] as const);
  return { ...Object.fromEntries(kinds), any: schemaOf(documentSchema) };
}

function schemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}
