import { execFile } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { runCli } from "../../../src/cli/run.ts";
import { temporaryFolder } from "../../support/repository.ts";
import { makeSurroundings } from "../../support/surroundings.ts";
import { startFluxServer } from "./fluxServer.ts";

const names = (...all: string[]) => all.map((name) => ({ name }));
async function startServer() {
  const server = await startFluxServer({
    "GET /api/v1/matrix": () => ({ environments: names("dev", "prod-eu"), rows: names("catalogue", "cart", "orders") }),
    "GET /api/v1/pipelines": () => ({ pipelines: [{ stages: names("dev", "prod") }] }),
  });
  return server.url;
}
async function proposed(server: string, ...words: string[]): Promise<string[]> {
  const surroundings = makeSurroundings({ env: { SLUICE_SERVER: server } });
  expect(await runCli(["complete", "--", ...words], surroundings)).toBe(0);
  expect(surroundings.stderr()).toBe("");
  return surroundings.stdout().split("\n").slice(0, -1);
}

test("commands, flags and the names that the server knows are completed", async () => {
  const server = await startServer();
  expect(await proposed(server, "list-")).toEqual(["list-workloads", "list-images"]);
  expect(await proposed(server, "promote", "--int")).toEqual(["--interactive"]);
  expect(await proposed(server, "promote", "--to", "pro")).toEqual(["prod", "prod-eu"]);
  expect(await proposed(server, "list-workloads", "-e", "")).toEqual(["dev", "prod-eu"]);
  expect(await proposed(server, "lock", "-e", "dev", "ca")).toEqual(["cart", "catalogue"]);
  expect(await proposed(server, "completion", "f")).toEqual(["fish"]);
});

test("without a server names are not completed, and nobody is told of it", async () => {
  expect(await proposed("http://127.0.0.1:1", "promote", "--to", "pro")).toEqual([]);
  expect(await proposed("http://127.0.0.1:1", "promote", "--dry")).toEqual(["--dry-run"]);
});

test("bash completes with the script it is given", async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const surroundings = makeSurroundings();
  expect(await runCli(["completion", "bash"], surroundings)).toBe(0);
  const script = join(folder.path, "completion.bash");
  writeFileSync(script, surroundings.stdout());
  const sluice = join(import.meta.dirname, "../../../bin/sluice.mjs");
  writeFileSync(join(folder.path, "sluice"), `#!/bin/sh\nexec "${process.execPath}" "${sluice}" "$@"\n`);
  chmodSync(join(folder.path, "sluice"), 0o755);
  const line = `COMP_WORDS=(sluice promote --to pro); COMP_CWORD=3; _sluice; printf "%s." "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)("bash", ["-c", `. "${script}"; ${line}`], {
    env: { ...process.env, PATH: `${folder.path}:${process.env.PATH}`, SLUICE_SERVER: await startServer() },
  });
  expect(stdout).toBe("prod.prod-eu.");
});
