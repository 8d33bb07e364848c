import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";

/** `sluice version`: of this command line; `sluice pipelines` and others tell when the server cannot be reached. */
export const versionCommand = buildCommand<Record<never, never>, [], CliContext>({
  docs: { brief: "Print the version" },
  parameters: {},
  func() {
    this.out.write(`sluice ${this.starters.version}\n`);
  },
});
