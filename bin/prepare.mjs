// Runs at the end of `npm ci`: builds the page. An installation without the tools to build is left as it is.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

await import("./needs-node.mjs");
const root = fileURLToPath(new URL("..", import.meta.url));
if (!existsSync(`${root}/node_modules/vite`)) console.log("Vite is not installed, so the page is not built.");
else
  process.exit(
    spawnSync("npm", ["run", "--silent", "build:web"], {
      cwd: root,
      stdio: "inherit",
      shell: process.platform === "win32",
    }).status ?? 1,
  );
