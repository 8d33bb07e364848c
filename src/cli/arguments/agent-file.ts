import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { messageOf, SluiceError } from "../../errors.ts";
import { ManifestError, parseYaml } from "../../manifests/read.ts";
import { gitLocationSchema } from "../../model/documents.ts";
import { parseDuration } from "../../model/duration.ts";

const agentFileSchema = z.strictObject({
  server: z.url().optional(),
  tokenFile: z.string().min(1).optional(),
  kubeconfig: z.string().min(1).optional(),
  context: z.string().min(1).optional(),
  data: z.string().min(1).optional(),
  poll: z
    .string()
    .refine((text) => parseDuration(text) !== undefined, "write a time such as 30s or 5m")
    .transform((text) => parseDuration(text)!)
    .optional(),
  environments: z
    .array(z.strictObject({ name: z.string().min(1), git: gitLocationSchema }))
    .min(1)
    .optional(),
});
export type AgentFile = z.infer<typeof agentFileSchema>;

/** Reads an agent's configuration file; its paths are relative to the file. Throws what is wrong, with the file. */
export function readAgentFile(file: string): AgentFile {
  const wrong = (message: string, cause?: unknown) =>
    new SluiceError(
      "bad_request",
      `${file}: ${message}`,
      { help: "sluice agent --help shows such a file." },
      { cause },
    );
  let value: unknown;
  try {
    [value] = parseYaml(readFileSync(file, "utf8")).documents;
  } catch (thrown) {
    if (thrown instanceof ManifestError) throw wrong(thrown.message, thrown);
    throw wrong(`it cannot be read (${messageOf(thrown)})`, thrown);
  }
  const parsed = agentFileSchema.safeParse(value ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(`${issue?.path.join(".") || "the document"}: ${issue?.message}`);
  }
  const at = (path: string) => resolve(dirname(file), path);
  const { tokenFile, kubeconfig, data } = parsed.data;
  return {
    ...parsed.data,
    ...(tokenFile === undefined ? {} : { tokenFile: at(tokenFile) }),
    ...(kubeconfig === undefined ? {} : { kubeconfig: at(kubeconfig) }),
    ...(data === undefined ? {} : { data: at(data) }),
  };
}
