import { z } from "zod";
import { parseDuration } from "./duration.ts";

/** Configuration is documents in Git (`apiVersion: sluice.dev/v1`). Unknown keys are refused. */
export const documentApiVersion = "sluice.dev/v1";

/** A duration in a document: text such as `30m`; milliseconds after parsing. */
const durationText = z
  .string()
  .meta({ description: "a duration such as 10s, 30m or 1h30m", pattern: "^([0-9]+(ms|s|m|h|d))+$" });
const durationSchema = durationText.transform((text, context) => {
  const value = parseDuration(text);
  if (value !== undefined) return value;
  context.addIssue({ code: "custom", message: `"${text}" is not a duration; write for example 10s, 30m or 1h30m` });
  return z.NEVER;
});

const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "use lower case letters, digits and dashes, as Kubernetes names do")
  .max(63);
const metadata = z.strictObject({ name });

/** How long things may take before a verdict; see docs/guides/health.md. */
const healthSettingsSchema = z.strictObject({
  /** A workload must be clean for this long to count as healthy. */
  settle: durationSchema.default(10_000),
  /** An error that did not clear for this long is a failure. */
  failAfter: durationSchema.default(60_000),
  /** No progress for this long is a failure, whatever the kind. */
  deadline: durationSchema.default(300_000),
});
export type HealthSettings = z.infer<typeof healthSettingsSchema>;
export const defaultHealthSettings: HealthSettings = healthSettingsSchema.parse({});

/** A path inside a repository: relative, and never above it. */
const repositoryPath = z
  .string()
  .regex(
    /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$)).+$/,
    "write a path inside the repository, without a leading / and without ..",
  );

export const gitLocationSchema = z.strictObject({
  repository: z.string().min(1),
  branch: z.string().min(1).default("main"),
  paths: z.array(repositoryPath).min(1),
});
export type GitLocation = z.infer<typeof gitLocationSchema>;

/** Where images stand besides the kinds that are known: fields of custom resources, and files that are no manifests. */
export const imageRulesSchema = z.strictObject({
  fields: z
    .array(
      z.strictObject({
        /** `example.com/Widget`: group and kind, whatever the version. */
        kind: z.string().min(1),
        /** Dotted, lists as `[*]` or `[0]`: `spec.components[*].image`. */
        path: z
          .string()
          .regex(
            /^(?:[^.[\]]+|\["[^"]+"\])(?:\.[^.[\]]+|\[(?:\*|\d+|"[^"]+")\])*$/,
            'write keys with dots between them and lists as [*] or [0], for example spec.components[*].image; a key with a dot in it as ["a.b"]',
          ),
        /** What the container is called; left out, a sibling `name`, else the last part of the path. */
        container: z.string().min(1).optional(),
      }),
    )
    .default([]),
  /** Files that are edited though no agent applies them as they stand. Paths in the environment's repository. */
  files: z
    .array(
      z.strictObject({
        path: repositoryPath,
        kind: z.enum(["kustomization", "values"]),
        namespace: z.string().min(1).default("default"),
        /** Left out, the folder's name. */
        name: z.string().min(1).optional(),
      }),
    )
    .default([]),
});
export type ImageRules = z.infer<typeof imageRulesSchema>;
export const noImageRules: ImageRules = { fields: [], files: [] };

/** A name that Git allows for a branch; `{release}` may stand in it. */
const branchName = z
  .string()
  .max(200)
  .regex(
    /^(?![-./])(?!@$)(?!.*(?:\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)))[^\s~^:?*[\\]*[^\s~^:?*[\\/.]$/,
    "write a branch as Git can name one, for example sluice/{release}",
  );

/** How commits to an environment are written. */
const commitSettingsSchema = z.strictObject({
  /** Adds `[ci skip]` to the message. */
  skipCi: z.boolean().default(false),
  /** Branch that commits are pushed to for review; `{release}` stands for the release's id. Left out: the branch applied. */
  branch: branchName.optional(),
});
export type CommitSettings = z.infer<typeof commitSettingsSchema>;
const defaultCommitSettings: CommitSettings = commitSettingsSchema.parse({});

const environmentSchema = z.strictObject({
  apiVersion: z.literal(documentApiVersion),
  kind: z.literal("Environment"),
  metadata,
  spec: z.strictObject({
    cluster: name,
    git: gitLocationSchema,
    render: z.enum(["plain"]).default("plain"),
    health: healthSettingsSchema.default(defaultHealthSettings),
    images: imageRulesSchema.default(noImageRules),
    commits: commitSettingsSchema.default(defaultCommitSettings),
  }),
});

const workloadSelectorSchema = z.strictObject({
  namespace: z.string().optional(),
  kind: z.string().optional(),
  name: z.string().optional(),
});
export type WorkloadSelector = z.infer<typeof workloadSelectorSchema>;

const stageSourceSchema = z.union([
  z.strictObject({ registry: z.strictObject({}) }),
  z.strictObject({ stage: name }),
  z.strictObject({ environment: name }),
]);

const stageSchema = z.strictObject({
  name,
  environments: z.array(name).min(1),
  order: z.enum(["parallel", "sequence"]).default("parallel"),
  from: z.array(stageSourceSchema).min(1),
  fromOnly: z.boolean().default(false),
  promote: z.enum(["automatic", "manual"]).default("manual"),
  onFailure: z.enum(["hold", "rollback"]).default("hold"),
});
export type Stage = z.infer<typeof stageSchema>;

const pipelineSchema = z.strictObject({
  apiVersion: z.literal(documentApiVersion),
  kind: z.literal("Pipeline"),
  metadata,
  spec: z.strictObject({
    workloads: z.array(workloadSelectorSchema).min(1),
    stages: z.array(stageSchema).min(1),
  }),
});

const settingsSchema = z.strictObject({
  apiVersion: z.literal(documentApiVersion),
  kind: z.literal("Settings"),
  metadata,
  spec: z.strictObject({
    registries: z
      .array(
        z.strictObject({
          host: z.string().min(1),
          endpoint: z.url(),
          poll: durationSchema
            .refine((ms) => ms >= 1_000, "poll a registry once a second at most; write for example 15s")
            .default(60_000),
        }),
      )
      .default([]),
  }),
});

export const documentSchema = z.discriminatedUnion("kind", [environmentSchema, pipelineSchema, settingsSchema]);
export type SluiceDocument = z.infer<typeof documentSchema>;

/** Something wrong with a file in Git: a document or a manifest. Lines are 1-based. */
export interface FileProblem {
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}

export interface Environment {
  readonly name: string;
  readonly cluster: string;
  readonly git: GitLocation;
  readonly health: HealthSettings;
  readonly images: ImageRules;
  readonly commits: CommitSettings;
}
export interface Pipeline {
  readonly name: string;
  readonly workloads: readonly WorkloadSelector[];
  readonly stages: readonly Stage[];
}
export interface RegistryEndpoint {
  readonly host: string;
  readonly endpoint: string;
  /** Milliseconds between scans of one repository. */
  readonly poll: number;
}

/** Everything people decided, as it is in force: the last good version of every document. */
export interface Configuration {
  readonly commit: string;
  readonly environments: ReadonlyMap<string, Environment>;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly registries: readonly RegistryEndpoint[];
  readonly problems: readonly FileProblem[];
}
