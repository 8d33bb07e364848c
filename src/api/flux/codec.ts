import { z } from "zod";
import { SluiceError } from "../../errors.ts";

/** Go writes null for an empty list or map. */
const list = <T extends z.ZodType>(entry: T) =>
  z
    .array(entry)
    .nullish()
    .transform((value) => value ?? []);
const causeSchema = z
  .object({ Message: z.string().max(10_000).default(""), User: z.string().max(1_000).default("") })
  .nullish()
  .transform((cause) => ({ message: cause?.Message ?? "", user: cause?.User ?? "" }));

const kind = z.enum(["plan", "execute"]);
const imageSpec = z.object({
  ServiceSpecs: list(z.string().min(1)),
  ImageSpec: z.string().min(1),
  Kind: kind,
  Excludes: list(z.string().min(1)),
  Force: z.boolean().default(false),
});
const containersSpec = z.object({
  Kind: kind,
  ContainerSpecs: z
    .record(
      z.string(),
      list(z.object({ Container: z.string().min(1), Current: z.string().default(""), Target: z.string().min(1) })),
    )
    .nullish()
    .transform((value) => value ?? {}),
  SkipMismatches: z.boolean().default(false),
  Force: z.boolean().default(false),
});
/** What to set by key, or, from old clients, a list of switches to set. */
const policies = z
  .union([z.record(z.string(), z.string()), z.array(z.string())])
  .nullish()
  .transform((value) => (Array.isArray(value) ? Object.fromEntries(value.map((key) => [key, "true"])) : (value ?? {})));
const policySpec = z.record(z.string(), z.object({ add: policies, remove: policies }));

const updateSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("image"), cause: causeSchema, spec: imageSpec }),
  z.object({ type: z.literal("containers"), cause: causeSchema, spec: containersSpec }),
  z.object({ type: z.literal("policy"), cause: causeSchema, spec: policySpec }),
  z.object({ type: z.literal("sync"), cause: causeSchema }),
]);

export type FluxUpdate = z.infer<typeof updateSchema>;
export type FluxImageSpec = z.infer<typeof imageSpec>;
export type FluxContainersSpec = z.infer<typeof containersSpec>;
export type FluxPolicySpec = z.infer<typeof policySpec>;

/** Every workload of the environment, where a list of workloads stands. */
export const allWorkloads = "<all>";
/** The newest image of every container, where one image stands. */
export const newestImages = "<all latest>";

/** An update as fluxctl posts it. Throws `bad_request` naming the field. */
export function readUpdate(body: unknown): FluxUpdate {
  return read(updateSchema, body, "the update");
}
/** A body of JSON by its schema; throws `bad_request` naming the field. */
export function read<T extends z.ZodType>(schema: T, body: unknown, what: string): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw new SluiceError(
    "bad_request",
    `${where === "" ? what : `${what}, ${where}`}: ${issue?.message ?? "unreadable"}`,
  );
}

/** A time in ms as Go writes it: RFC 3339 in UTC without trailing zeros. */
export function goTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0+Z$/, "Z");
}
