import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import {
  changePolicies,
  type PolicyAsked,
  type PolicyFlags,
  policyAliases,
  policyFlags,
  policyWorkloads,
} from "../flux/policy.ts";

const command = (brief: string, asked: PolicyAsked) =>
  buildCommand<PolicyFlags, string[], CliContext>({
    docs: { brief },
    parameters: { flags: policyFlags, positional: policyWorkloads, aliases: policyAliases },
    func(flags, ...workloads) {
      return changePolicies(this, flags, asked, workloads);
    },
  });

/** `sluice automate`, `deautomate`, `lock` and `unlock`: short forms of `sluice policy`. */
export const automateCommand = command("Let new images into workloads by themselves", { automate: true });
export const deautomateCommand = command("Leave new images of workloads to people", { deautomate: true });
export const lockCommand = command("Keep workloads at their versions", { lock: true });
export const unlockCommand = command("Let locked workloads move again", { unlock: true });
