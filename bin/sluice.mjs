#!/usr/bin/env node
// Starts the command line with Node 24: the one `npm ci` brought where there is one, else the one at hand.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const major = Number(process.versions.node.split(".")[0]);
if (major >= 24) await import("../src/main/sluice.ts");
else {
  const own = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));
  if (!existsSync(own)) {
    console.error(`Sluice needs Node 24 or newer; this is Node ${process.versions.node}.`);
    console.error("On glibc Linux `npm ci` brings it along; elsewhere install Node 24 and try again.");
    process.exit(1);
  }
  const run = spawnSync(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(run.status ?? 1);
}
