import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import { readConfigurationPlace } from "../arguments/configuration-place.ts";
import { named } from "../arguments/flags.ts";
import { duration, portNumber, text, url } from "../arguments/parse.ts";
import type { CliContext } from "../context.ts";
import { askedToStop } from "../stopping.ts";

interface Flags {
  readonly data: string;
  readonly config: string;
  readonly host: string;
  readonly port: number;
  readonly gitPoll: number;
  readonly hookSecretFile?: string;
  readonly trial?: string;
}

/** `sluice server`: runs the control plane until it is asked to stop. */
export const serverCommand = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Run the server: page, API, Git writer and engine",
    fullDescription:
      "Runs the server until it is stopped. Its configuration is documents in Git (or in a folder, for trying things out).\n" +
      "Beyond loopback it wants a token first: sluice token create --name YOU --data FOLDER.",
  },
  parameters: {
    flags: {
      data: { kind: "parsed", parse: text, placeholder: "FOLDER", brief: "Folder for the store and the Git mirrors" },
      config: {
        kind: "parsed",
        parse: text,
        placeholder: "PLACE",
        brief: "Where the documents are: a Git URL[#branch[:path]] or a folder",
      },
      host: { kind: "parsed", parse: text, placeholder: "HOST", default: "127.0.0.1", brief: "Address to listen on" },
      port: { kind: "parsed", parse: portNumber, placeholder: "N", default: "8440", brief: "Port; 0 takes a free one" },
      gitPoll: {
        kind: "parsed",
        parse: duration,
        placeholder: "TIME",
        default: "30s",
        brief: "Time between Git fetches",
      },
      hookSecretFile: named("FILE", "File with the secret that registry and Git notifications carry"),
      trial: {
        kind: "parsed",
        parse: url,
        placeholder: "URL",
        optional: true,
        hidden: true,
        brief: "Control address of the trial world: no tokens, loopback only",
      },
    },
  },
  async func(flags) {
    const stop = askedToStop();
    const { hookSecretFile, trial } = flags;
    const server = await this.starters.startServer({
      data: resolve(this.cwd, flags.data),
      host: flags.host,
      port: flags.port,
      configuration: readConfigurationPlace(flags.config, this.cwd),
      gitPoll: flags.gitPoll,
      ...(hookSecretFile === undefined ? {} : { hookSecret: readSecret(resolve(this.cwd, hookSecretFile)) }),
      ...(trial === undefined ? {} : { trial: { control: trial } }),
    });
    this.out.write(`Sluice listens on ${server.url}\n`);
    try {
      await Promise.race([server.ready, stop]);
      this.tell({ ready: server.url });
      await stop;
    } finally {
      await server.stop();
    }
  },
});

/** The secret in a file, without the line's end. */
export function readSecret(file: string): string {
  let content: string;
  try {
    content = readFileSync(file, "utf8").trim();
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "it does not exist" : "it cannot be read";
    throw new SluiceError("bad_request", `${file}: ${why}`, { help: "Name a file that holds the secret." }, { cause });
  }
  if (content === "") throw new SluiceError("bad_request", `${file}: it is empty`, { help: "Put the secret in it." });
  return content;
}
