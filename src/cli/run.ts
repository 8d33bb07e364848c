import { proposeCompletions, run, type StricliProcess } from "@stricli/core";
import { application } from "./application.ts";
import { normalise } from "./arguments/normalise.ts";
import { completeCommand } from "./completion/scripts.ts";
import { type CliContext, exitCodes } from "./context.ts";

/** Everything of a context but what this file makes of it. */
export type Surroundings = Omit<CliContext, "process" | "finish">;

/** Runs one command line and answers its exit code; see `exitCodes`. */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<number> {
  let finished: number = exitCodes.done;
  const stream = (output: CliContext["out"]) => ({
    write: (text: string) => output.write(text),
    getColorDepth: () => 1,
  });
  const process: StricliProcess = {
    stdout: stream(surroundings.out),
    stderr: stream(surroundings.err),
    env: { ...surroundings.env, STRICLI_NO_COLOR: "1" },
  };
  const context: CliContext = {
    ...surroundings,
    process,
    finish: (code) => {
      finished = code;
    },
  };
  const app = application(surroundings.starters.version);
  if (args[0] === completeCommand && args[1] === "--") {
    const words = await proposeCompletions(app, args.slice(2), context);
    context.out.write(words.map(({ completion }) => `${completion}\n`).join(""));
    return exitCodes.done;
  }
  await run(app, normalise(args), context);
  return exitOf(process.exitCode, finished);
}

/** The parser's own codes (below zero) are usage errors, except when its own machinery broke. */
export function exitOf(code: StricliProcess["exitCode"], finished: number): number {
  const number = Number(code ?? exitCodes.done);
  if (number === -4 || number === -5) return exitCodes.usage;
  if (number < 0) return exitCodes.failed;
  return number === exitCodes.done ? finished : number;
}
