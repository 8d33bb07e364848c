#!/usr/bin/env node
// Starts the command line with Node 24: the one `npm ci` brought where there is one, else the one at hand.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as modules from "node:module";
import { fileURLToPath } from "node:url";

const major = Number(process.versions.node.split(".")[0]);
if (major >= 24) {
  modules.enableCompileCache?.();
  await import("../src/main/sluice.ts");
} else {
  const own = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url));
  if (!existsSync(own)) {
    console.error(`Sluice needs Node 24 or newer; this is Node ${process.versions.node}.`);
    console.error("On glibc Linux `npm ci` brings it along; elsewhere install Node 24 and try again.");
    process.exit(1);
  }
  // The channel tells the child when we are gone, however we go, so that a server never outlives who started it.
  const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  if (process.send) {
    child.on("message", (message) => process.send(message));
    process.on("disconnect", () => child.disconnect());
  }
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}
