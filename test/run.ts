import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { closeWith, runSuites } from "./suite.ts";
import { findChromium } from "./support/chromium.ts";

/** `npm test [-- FILTER]`: everything that needs no Kubernetes; see CONTRIBUTING. */
const root = join(import.meta.dirname, "..");
if (!existsSync(join(root, "web/dist/index.html"))) {
  console.log("The page is not built yet; building it.");
  const built = spawnSync("npm", ["run", "--silent", "build:web"], { cwd: root, stdio: "inherit" });
  if (built.status !== 0) {
    console.error("The page could not be built; its output above says why.");
    process.exit(1);
  }
}
const noBrowser = "there is no chromium, chromium-browser or google-chrome on PATH (Debian: apt-get install chromium)";
const results = await runSuites(
  [
    { name: "unit", config: "vitest.config.ts", files: "{src,test/unit,web/src}/**/*.test.ts" },
    { name: "process", config: "vitest.process.config.ts", files: "test/{demo,crash}/**/*.test.ts" },
    {
      name: "browser",
      config: "vitest.browser.config.ts",
      files: "test/browser/**/*.test.ts",
      ...(findChromium() === undefined ? { impossible: noBrowser } : {}),
    },
  ],
  process.argv.slice(2),
);
process.exitCode = closeWith(results);
