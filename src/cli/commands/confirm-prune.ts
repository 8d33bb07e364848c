import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import { flag } from "../arguments/flags.ts";
import { text } from "../arguments/parse.ts";
import { environmentNames } from "../completion/names.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { findEnvironment } from "../environment-name.ts";
import { confirm } from "../promoting.ts";
import { relative } from "../show/time.ts";

interface Flags extends ConnectionFlags {
  readonly yes?: boolean;
}

/** `sluice confirm-prune`: lets an agent remove what it holds back because it is so much. */
export const confirmPruneCommand = buildCommand<Flags, [string], CliContext>({
  docs: {
    brief: "Confirm a removal that waits for a person",
    fullDescription:
      "Removing more than half of an environment waits until somebody confirms it. Shows the objects and asks; the confirmation\n" +
      "is a commit and holds for exactly these objects.",
  },
  parameters: {
    flags: {
      yes: flag("Do not ask"),
      ...connectionFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: text,
          placeholder: "ENVIRONMENT",
          brief: "Environment whose removal waits",
          proposeCompletions: environmentNames,
        },
      ],
    },
    aliases: { y: "yes" },
  },
  async func(flags, name) {
    const client = connect(flags, this);
    const { environments } = await client.matrix();
    const { prune } = findEnvironment(environments, name);
    if (prune === undefined)
      throw new SluiceError("conflict", `Nothing waits to be removed from ${name}.`, {
        help: "sluice list-workloads tells when something does.",
      });
    this.out.write(
      `Git no longer names ${prune.objects.length} of ${prune.of} objects of ${name} (since ${relative(prune.since, this.now())}):\n`,
    );
    for (const object of prune.objects) this.out.write(`  ${object}\n`);
    if (!flags.yes && !(await confirm(this, `Remove them from ${name}?`))) return;
    await client.confirmPrune(name, prune.hash);
    this.out.write(`Confirmed by a commit; the agent of ${name} removes them now.\n`);
  },
});
