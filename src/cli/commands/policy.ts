import { buildCommand } from "@stricli/core";
import { flag, named } from "../arguments/flags.ts";
import type { CliContext } from "../context.ts";
import { changePolicies, type PolicyFlags, policyAliases, policyFlags, policyWorkloads } from "../flux/policy.ts";

interface Flags extends PolicyFlags {
  readonly automate?: boolean;
  readonly deautomate?: boolean;
  readonly lock?: boolean;
  readonly unlock?: boolean;
  readonly tag?: readonly string[];
  readonly tagAll?: string;
}

/** `sluice policy`: what may happen to workloads by itself, changed by a commit. */
export const policyCommand = buildCommand<Flags, string[], CliContext>({
  docs: {
    brief: "Change policies of workloads: automation, locks, tag filters",
    fullDescription:
      "A filter is CONTAINER=PATTERN, the pattern one of glob:, semver:, regexp:, numerical: or alphabetical:; one without a kind\n" +
      "is a glob, and CONTAINER=* takes the filter away. --tag-all goes over every container, also over those named by --tag.",
  },
  parameters: {
    flags: {
      tag: { ...named("C=PATTERN", "Tag filter of a container; may be repeated"), variadic: true },
      tagAll: named("PATTERN", "Tag filter of every container"),
      automate: flag("Let new images in by themselves"),
      deautomate: flag("Leave new images to people"),
      lock: flag("Keep it at its version"),
      unlock: flag("Let it move again"),
      ...policyFlags,
    },
    positional: policyWorkloads,
    aliases: policyAliases,
  },
  func({ tag = [], ...flags }, ...workloads) {
    return changePolicies(this, flags, { ...flags, tags: tag }, workloads);
  },
});
