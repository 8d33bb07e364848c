import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { SluiceError } from "../../errors.ts";
import type { ServerStart } from "../starters.ts";

/** Reads `URL[#branch[:path]]` or a folder. What looks like a repository is one; anything else must be a folder. */
export function readConfigurationPlace(written: string, cwd: string): ServerStart["configuration"] {
  const hash = written.indexOf("#");
  const place = hash < 0 ? written : written.slice(0, hash);
  if (hash >= 0 || place.includes("://") || place.endsWith(".git") || /^[\w.-]+@[\w.-]+:/.test(place)) {
    const rest = hash < 0 ? "" : written.slice(hash + 1);
    const colon = rest.indexOf(":");
    const branch = colon < 0 ? rest : rest.slice(0, colon);
    return {
      kind: "git",
      repository: place.includes(":") ? place : resolve(cwd, place),
      branch: branch === "" ? "main" : branch,
      path: colon < 0 ? "" : rest.slice(colon + 1),
    };
  }
  const folder = resolve(cwd, written);
  if (existsSync(folder) && statSync(folder).isDirectory()) return { kind: "folder", folder };
  throw new SluiceError("bad_request", `--config ${written}: there is no such folder, and it is no Git URL`, {
    help: "Write a folder, or a Git URL with #branch:path after it where they are not main and the root.",
  });
}
