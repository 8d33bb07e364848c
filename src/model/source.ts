import { z } from "zod";

/** Where versions are taken from. */
export const sourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("registry") }),
  z.strictObject({ kind: z.literal("environment"), environment: z.string() }),
  z.strictObject({ kind: z.literal("stage"), pipeline: z.string(), stage: z.string() }),
]);
export type Source = z.infer<typeof sourceSchema>;

/** Where versions go: one environment, or a pipeline's stage with its order and gates. */
export const targetSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("environment"), environment: z.string() }),
  z.strictObject({ kind: z.literal("stage"), pipeline: z.string(), stage: z.string() }),
]);
export type Target = z.infer<typeof targetSchema>;

/** A source or target in a word for people. */
export function showPlace(place: Source | Target): string {
  if (place.kind === "registry") return "registry";
  return place.kind === "environment" ? place.environment : place.stage;
}

/** Who did something: a person by token, automation, or the command line of the trial. */
const actorSchema = z.object({
  name: z.string(),
  kind: z.enum(["person", "automation", "agent"]),
});
export type Actor = z.infer<typeof actorSchema>;
export const automation: Actor = { name: "sluice", kind: "automation" };
