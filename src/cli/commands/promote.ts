import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import { flag, named } from "../arguments/flags.ts";
import { text } from "../arguments/parse.ts";
import { workloadArguments } from "../arguments/workloads.ts";
import { placeNames } from "../completion/names.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { carryOut, checkPromoting, type PromotingFlags, promotingFlags } from "../promoting.ts";
import { outputAliases } from "../show/output.ts";

interface Flags extends ConnectionFlags, PromotingFlags {
  readonly to: string;
  readonly from?: string;
  readonly container?: readonly string[];
  readonly all?: boolean;
}

/** `sluice promote`: takes what a source runs to a stage or an environment. */
export const promoteCommand = buildCommand<Flags, string[], CliContext>({
  docs: {
    brief: "Promote workloads to a stage or environment",
    fullDescription:
      "Shows what would change, asks, and promotes. The versions come from the stage's first source unless --from names another one.\n" +
      "Workloads may be written short (catalogue) or whole (shop:deployment/catalogue).",
  },
  parameters: {
    flags: {
      to: {
        kind: "parsed",
        parse: text,
        placeholder: "PLACE",
        brief: "Stage or environment to promote to",
        proposeCompletions: placeNames,
      },
      from: named("SOURCE", "Stage, environment or registry to take the versions from"),
      container: { ...named("NAME", "Only this container; may be repeated"), variadic: true },
      all: flag("Every workload"),
      ...promotingFlags,
      ...connectionFlags,
    },
    positional: workloadArguments("Workload to promote"),
    aliases: { m: "message", y: "yes", c: "container", a: "all", f: "force", ...outputAliases },
  },
  async func(flags, ...workloads) {
    checkPromoting(flags);
    if ((flags.all ?? false) === workloads.length > 0)
      throw new SluiceError(
        "bad_request",
        flags.all ? "Name workloads or give --all, not both." : "Name the workloads to promote, or give --all.",
        { help: "For example: sluice promote catalogue --to prod" },
      );
    const containers = flags.container ?? [];
    if (flags.all && containers.length > 0)
      throw new SluiceError("bad_request", "--container goes with the workload it belongs to.", {
        help: "For example: sluice promote session --container session --to prod",
      });
    const selection = workloads.flatMap((workload) =>
      containers.length === 0 ? [{ workload }] : containers.map((container) => ({ workload, container })),
    );
    const request = {
      target: flags.to,
      ...(flags.from === undefined ? {} : { source: flags.from }),
      ...(flags.all ? {} : { selection }),
      ...(flags.exclude === undefined ? {} : { exclude: flags.exclude }),
      ...(flags.force ? { force: true } : {}),
      message: flags.message ?? "",
    };
    await carryOut(this, connect(flags, this), request, flags);
  },
});
