import type { CommandContext, StricliProcess } from "@stricli/core";
import type { Key } from "./picker/picker.ts";
import type { Starters } from "./starters.ts";

/** Where text goes: a terminal is redrawn and coloured, everything else is appended to. */
export interface Output {
  write(text: string): void;
  readonly terminal: boolean;
  readonly columns: number;
  readonly rows: number;
}

/** What every command works with; a test gives its own. */
export interface CliContext extends CommandContext {
  readonly process: StricliProcess;
  readonly env: Readonly<Partial<Record<string, string>>>;
  readonly cwd: string;
  /** Folder of the package: a checkout's root. */
  readonly packageFolder: string;
  readonly out: Output;
  readonly err: Output;
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  readonly starters: Starters;
  now(): number;
  /** Asks a person and answers the line typed. */
  ask(question: string): Promise<string>;
  /** Keys a person presses, until the loop over them is left. */
  keys(): AsyncIterable<Key>;
  /** Sets the exit code of a command that ends without an error. */
  finish(code: number): void;
  /** Tells a parent process over its IPC channel, where there is one. */
  tell(message: object): void;
}

/** Exit codes of the command line; those of errors stand in the table of errors. */
export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3, waiting: 4, unreachable: 5, interrupted: 130 };
