import { buildCommand } from "@stricli/core";
import { promotionId } from "../arguments/promotion-id.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";
import { painter } from "../show/paint.ts";
import { promotionBlock } from "../show/promotion.ts";

interface Flags extends ConnectionFlags, OutputFlags {}

/** `sluice abort`: stops what is not written yet. */
export const abortCommand = buildCommand<Flags, [string], CliContext>({
  docs: {
    brief: "Stop what a release has not written yet",
    fullDescription: "Environments that have their commit keep it; sluice rollback takes those back.",
  },
  parameters: {
    flags: { ...outputFlags, ...connectionFlags },
    positional: {
      kind: "tuple",
      parameters: [{ parse: promotionId, placeholder: "RELEASE", brief: "Id of the release, such as r-7f3k" }],
    },
    aliases: outputAliases,
  },
  async func(flags, id) {
    const view = await connect(flags, this).abort(id);
    await print(this, flags.output, view, {
      table: () => promotionBlock(view, this.now(), painter(this.out, this.env)),
      names: () => [view.promotion.id],
    });
  },
});
