import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SluiceError } from "../errors.ts";
import type { CliContext } from "./context.ts";

/** Where the server is, and who said so. */
export interface FoundServer {
  readonly url: string;
  readonly from: string;
}
/** A running trial writes its address here, in the folder it was started in. */
export const trialFile = join(".sluice", "trial.json");

/**
 * Finds the server: the flag, then SLUICE_SERVER, then the file of a running trial in this folder, in one above it, or
 * beside the package. Throws `unreachable` with everything that was tried.
 */
export function findServer(
  flag: string | undefined,
  context: Pick<CliContext, "env" | "cwd" | "packageFolder">,
): FoundServer {
  if (flag !== undefined) return { url: flag, from: "--server" };
  const named = context.env.SLUICE_SERVER;
  if (named !== undefined && named !== "") return { url: named.replace(/\/+$/, ""), from: "SLUICE_SERVER" };
  for (const folder of new Set([...parents(context.cwd), context.packageFolder])) {
    const file = join(folder, trialFile);
    const url = readTrial(file);
    if (url !== undefined) return { url, from: file };
  }
  throw new SluiceError("unreachable", "No server is named, and no trial runs here.", {
    help:
      `Looked at --server, SLUICE_SERVER, and ${trialFile} in ${context.cwd}, the folders above it and ${context.packageFolder}.\n` +
      "Start a trial with `sluice demo`, or name your server with --server URL.",
  });
}

function parents(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...parents(above)];
}

function readTrial(file: string): string | undefined {
  try {
    const { url } = JSON.parse(readFileSync(file, "utf8")) as { url?: unknown };
    return typeof url === "string" && URL.canParse(url) ? url.replace(/\/+$/, "") : undefined;
  } catch {
    return undefined;
  }
}
