import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { goMissing } from "../support/go.ts";

const module = join(import.meta.dirname, "fluxctl");
const version = "1.25.4";

/** Where the real fluxctl of the module's pins stands once it is built. */
export function fluxctlPath(): string {
  const hash = createHash("sha256").update(version);
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(module, file)));
  const name = `fluxctl-${hash.digest("hex").slice(0, 16)}`;
  return join(import.meta.dirname, "../../node_modules/.cache/sluice", name);
}

/** Makes sure the real fluxctl is there. Answers why it cannot, in words for people. */
export function buildFluxctl(): { built: true } | { built: false; reason: string; fault: boolean } {
  const path = fluxctlPath();
  if (existsSync(path)) return { built: true };
  const missing = goMissing();
  if (missing !== undefined) return { built: false, fault: false, reason: `${missing}, which builds the real fluxctl` };
  console.log(`Building fluxctl ${version}; about 2 minutes the first time.`);
  mkdirSync(join(path, ".."), { recursive: true });
  const made = `${path}.${process.pid}`;
  const flags = ["-mod=readonly", "-trimpath", "-ldflags", `-s -w -X main.version=${version}`];
  const done = spawnSync("go", ["build", ...flags, "-o", made, "github.com/fluxcd/flux/cmd/fluxctl"], {
    cwd: module,
    stdio: "inherit",
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "" },
  });
  if (done.status !== 0) return { built: false, fault: true, reason: "fluxctl could not be built, see above" };
  renameSync(made, path);
  return { built: true };
}
