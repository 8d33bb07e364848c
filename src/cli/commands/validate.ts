import { buildCommand } from "@stricli/core";
import { text } from "../arguments/parse.ts";
import { type CliContext, exitCodes } from "../context.ts";

/** `sluice validate`: checks configuration documents and manifests without any server. */
export const validateCommand = buildCommand<Record<never, never>, string[], CliContext>({
  docs: {
    brief: "Check configuration documents and manifests offline",
    fullDescription:
      "Reads every .yaml and .yml file of the paths as the server and the agents will, and names each problem with file and line.\n" +
      "Give everything at once: a pipeline whose environments stand in a file that is not given counts as broken.",
  },
  parameters: {
    positional: {
      kind: "array",
      minimum: 1,
      parameter: { parse: text, placeholder: "PATH", brief: "File or folder" },
    },
  },
  async func(_flags, ...paths) {
    const { validate } = await import("../validate.ts");
    const result = await validate(paths, this.cwd);
    for (const { file, line, message } of result.problems)
      this.out.write(`${file}${line === undefined ? "" : `:${line}`}: ${message}\n`);
    const { files, documents, objects, problems } = result;
    const counted = `${count(files, "file")}, ${count(documents, "document")}, ${count(objects, "object")}`;
    if (problems.length === 0) return this.out.write(`${counted}: all good\n`);
    this.err.write(`${counted}: ${count(problems.length, "problem")}\n`);
    this.finish(exitCodes.failed);
  },
});

function count(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? "" : "s"}`;
}
