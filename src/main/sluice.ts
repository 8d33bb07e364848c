import { join } from "node:path";
import type { Output } from "../cli/context.ts";
import { readKeys } from "../cli/picker/keyboard.ts";
import { runCli } from "../cli/run.ts";
import { starters } from "./starters.ts";

/** The command line's entry: everything it takes from the process is taken here. */
const output = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => void stream.write(text),
  terminal: stream.isTTY === true,
  get columns() {
    return stream.columns || 80;
  },
  get rows() {
    return stream.rows || 24;
  },
});

// A reader such as `head` that has seen enough ends us quietly.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const code = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  packageFolder: join(import.meta.dirname, "../.."),
  out: output(process.stdout),
  err: output(process.stderr),
  interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  starters,
  now: () => Date.now(),
  async ask(question) {
    const { createInterface } = await import("node:readline/promises");
    const reader = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await reader.question(question);
    } finally {
      reader.close();
    }
  },
  keys: () => readKeys(process.stdin),
  tell: (message) => void process.send?.(message),
});
process.exit(code);
