import { buildCommand } from "@stricli/core";
import { flag } from "../arguments/flags.ts";
import {
  type ConnectionFlags,
  connectFlux,
  connectionFlags,
  type EnvironmentFlags,
  environmentAliases,
  environmentFlags,
  neededEnvironment,
} from "../connection.ts";
import type { CliContext } from "../context.ts";

interface Flags extends ConnectionFlags, EnvironmentFlags {
  readonly regenerate?: boolean;
  readonly fingerprint?: boolean;
  readonly visual?: boolean;
}

/** `sluice identity`: the public key to let into the Git host. */
export const identityCommand = buildCommand<Flags, [], CliContext>({
  docs: { brief: "Show the public SSH key that an environment's Git is written with" },
  parameters: {
    flags: {
      regenerate: flag("Ask for a new key"),
      fingerprint: flag("Its fingerprint instead"),
      visual: flag("Its fingerprint and picture"),
      ...environmentFlags,
      ...connectionFlags,
    },
    aliases: { ...environmentAliases, r: "regenerate", l: "fingerprint", v: "visual" },
  },
  async func(flags) {
    const { flux } = connectFlux(flags, this, neededEnvironment(flags, this));
    const { publicSSHKey } = await flux.gitConfig(flags.regenerate ?? false);
    if (!flags.fingerprint && !flags.visual) return this.out.write(publicSSHKey.key);
    const { hash, randomart } = publicSSHKey.fingerprints.md5;
    this.out.write(`${hash}\n${flags.visual ? randomart : ""}`);
  },
});
