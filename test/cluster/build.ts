import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { goMissing } from "../support/go.ts";

const folder = join(import.meta.dirname, "../control-plane");
const binary = join(folder, "cluster");
const stamp = join(folder, "cluster.stamp");

/** Makes sure the control plane's binary is the one its sources say. Answers why it cannot, in words for people. */
export function buildControlPlane(): { built: true } | { built: false; reason: string; fault: boolean } {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum", "main.go", "build.sh"]) hash.update(readFileSync(join(folder, file)));
  const now = hash.digest("hex");
  if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, "utf8") === now) return { built: true };
  const missing = goMissing();
  if (missing !== undefined)
    return {
      built: false,
      fault: false,
      reason: `${missing}, which builds the real control plane; or name a cluster with KUBECONFIG`,
    };
  console.log("Building the Kubernetes control plane; about 4 minutes the first time.");
  const done = spawnSync("sh", [join(folder, "build.sh")], { stdio: "inherit" });
  if (done.status !== 0)
    return { built: false, fault: true, reason: "the control plane could not be built, see above" };
  writeFileSync(stamp, now);
  return { built: true };
}
