import { buildChoiceParser, buildCommand } from "@stricli/core";
import { completionScripts, type Shell, shells } from "../completion/scripts.ts";
import type { CliContext } from "../context.ts";

/** `sluice completion SHELL`: what makes Tab complete commands, flags, and the names the server knows. */
export const completionCommand = buildCommand<Record<never, never>, [Shell], CliContext>({
  docs: {
    brief: "Print what makes Tab complete sluice in bash, zsh or fish",
    fullDescription: "For example in ~/.bashrc: source <(sluice completion bash)",
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: buildChoiceParser(shells),
          placeholder: "SHELL",
          brief: shells.join(", "),
          proposeCompletions: (partial) => shells.filter((shell) => shell.startsWith(partial)),
        },
      ],
    },
  },
  func(_flags, shell) {
    this.out.write(completionScripts[shell]);
  },
});
