import { buildCommand } from "@stricli/core";
import { named } from "../arguments/flags.ts";
import { promotionId } from "../arguments/promotion-id.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { checkFollow, type FollowFlags, followFlags } from "../follow.ts";
import { afterwards } from "../promoting.ts";
import { type OutputFlags, outputAliases, outputFlags } from "../show/output.ts";

interface Flags extends ConnectionFlags, FollowFlags, OutputFlags {
  readonly message?: string;
}

/** `sluice rollback`: takes a release back, and keeps automation from repeating it. */
export const rollbackCommand = buildCommand<Flags, [string], CliContext>({
  docs: {
    brief: "Take a release back and keep automation from repeating it",
    fullDescription:
      "Brings back the versions from before the release. What was rolled back, and anything older, is held: automation does\n" +
      "not bring it again, but a newer version flows as usual.",
  },
  parameters: {
    flags: {
      message: named("TEXT", "Why; stands in the commit"),
      ...followFlags,
      ...outputFlags,
      ...connectionFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: promotionId, placeholder: "RELEASE", brief: "Id of the release, such as r-7f3k" }],
    },
    aliases: { m: "message", ...outputAliases },
  },
  async func(flags, id) {
    checkFollow(flags);
    const client = connect(flags, this);
    await afterwards(this, client, await client.rollback(id, flags.message ?? ""), flags);
  },
});
