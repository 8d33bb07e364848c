import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { buildCommand } from "@stricli/core";
import { text } from "../arguments/parse.ts";
import {
  type ConnectionFlags,
  connect,
  connectionFlags,
  type EnvironmentFlags,
  environmentAliases,
  environmentFlags,
  neededEnvironment,
} from "../connection.ts";
import type { CliContext } from "../context.ts";

interface Flags extends ConnectionFlags, EnvironmentFlags {
  readonly out: string;
}

/** `sluice save`: what runs in an environment as manifests, a file each. */
export const saveCommand = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Write what runs in an environment as manifests",
    fullDescription:
      "Namespaces, services and workloads as they are live, without what the cluster added. A folder gets a file for each object,\n" +
      "NAMESPACE-ns.yaml and NAMESPACE/NAME-KIND.yaml; it is made where it is not there.",
  },
  parameters: {
    flags: {
      out: { kind: "parsed", parse: text, placeholder: "FOLDER", default: "-", brief: "Folder to write to; - is here" },
      ...environmentFlags,
      ...connectionFlags,
    },
    aliases: { ...environmentAliases, o: "out" },
  },
  async func(flags) {
    const yaml = await connect(flags, this).exported(neededEnvironment(flags, this));
    const { savedFiles } = await import("../saved-files.ts");
    const { files, notes } = savedFiles(yaml);
    for (const { object, path, content } of files) {
      if (flags.out === "-") {
        this.out.write(content);
        continue;
      }
      const shown = join(flags.out, path);
      this.out.write(`Saving ${object.kind} '${object.metadata.name}' to ${shown}\n`);
      const file = resolve(this.cwd, shown);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    for (const note of notes) this.err.write(`${note}\n`);
  },
});
