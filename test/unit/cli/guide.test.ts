import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../../../src/cli/run.ts";
import { makeSurroundings } from "../../support/surroundings.ts";

const guide = ["cli.md", "server.md"]
  .map((name) => readFileSync(join(import.meta.dirname, "../../../docs/guides", name), "utf8"))
  .join("\n");
const examples = guide
  .split("\n")
  .filter((line) => line.startsWith("$ sluice "))
  .map((line) => line.slice("$ sluice ".length));

/** What stands in place of files and folders that only the guide's reader has. */
const own = /^(validate|agent|server) /;

test.each(examples.filter((example) => !own.test(example)))(
  "the guide's example is a right command line: %s",
  async (example) => {
    const args = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
    const surroundings = makeSurroundings({ env: { SLUICE_SERVER: "http://127.0.0.1:1" } });
    const code = await runCli(args, surroundings);
    expect({ code, said: surroundings.stderr() }).not.toMatchObject({ code: 2 });
  },
);

test.each(examples.filter((example) => own.test(example)))(
  "the guide's example has only known flags: %s",
  async (example) => {
    const [command] = example.split(" ");
    const help = makeSurroundings();
    await runCli([command!, "--help"], help);
    for (const [flag] of example.matchAll(/--[a-z-]+/g)) expect(help.stdout()).toContain(flag);
  },
);
