import type { CliContext, Output } from "../context.ts";

const codes = { bold: 1, dim: 2, red: 31, green: 32, amber: 33, blue: 34, violet: 35, grey: 90 } as const;
export type Colour = keyof typeof codes;
export type Paint = (colour: Colour, text: string) => string;

/** Colours for an output: only on a terminal, and never when NO_COLOR is set. Nothing is told by colour alone. */
export function painter(output: Output, env: CliContext["env"]): Paint {
  const plain = !output.terminal || (env.NO_COLOR !== undefined && env.NO_COLOR !== "") || env.TERM === "dumb";
  return plain ? (_colour, text) => text : (colour, text) => `\u001b[${codes[colour]}m${text}\u001b[0m`;
}
