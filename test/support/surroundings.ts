import type { Output } from "../../src/cli/context.ts";
import type { Key } from "../../src/cli/picker/picker.ts";
import type { Surroundings } from "../../src/cli/run.ts";

/** A command line's surroundings that keep what is written; nothing can be started unless a test says how. */
export function makeSurroundings(
  given: Partial<Surroundings> = {},
): Surroundings & { stdout(): string; stderr(): string } {
  const written = { out: "", err: "" };
  const output = (name: "out" | "err"): Output => ({
    write(text) {
      written[name] += text;
    },
    terminal: false,
    columns: 80,
    rows: 24,
  });
  const cannot = () => Promise.reject(new Error("this test starts nothing"));
  return {
    env: {},
    cwd: "/nowhere",
    packageFolder: "/nowhere/package",
    out: output("out"),
    err: output("err"),
    interactive: false,
    starters: {
      version: "1.2.3",
      startServer: cannot,
      startAgent: cannot,
      startDemo: cannot,
      openStore: cannot,
      newToken: cannot,
    },
    now: () => Date.now(),
    ask: cannot,
    async *keys(): AsyncGenerator<Key> {},
    tell() {},
    ...given,
    stdout: () => written.out,
    stderr: () => written.err,
  };
}
