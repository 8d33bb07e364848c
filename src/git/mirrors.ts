import { createHash } from "node:crypto";
import { join } from "node:path";
import type { GitMirrors } from "../model/ports/git.ts";
import { fileCredentials } from "./credentials.ts";
import { Mirror } from "./mirror.ts";

/**
 * One mirror per repository below a folder, however many environments use it. `credentials` is a file as
 * `fileCredentials` reads it; left out, SLUICE_GIT_CREDENTIALS names one.
 */
export function createMirrors(folder: string, credentials = process.env.SLUICE_GIT_CREDENTIALS): GitMirrors {
  const open = new Map<string, Promise<Mirror>>();
  let abandoned = false;
  return {
    open(url) {
      const known = open.get(url);
      if (known !== undefined) return known;
      const name = createHash("sha256").update(url).digest("hex").slice(0, 16);
      const mirror = Mirror.open(url, join(folder, name), fileCredentials(credentials)).catch((error: unknown) => {
        open.delete(url);
        throw error;
      });
      open.set(url, mirror);
      if (abandoned) abandon(mirror);
      return mirror;
    },
    abandon() {
      abandoned = true;
      for (const mirror of open.values()) abandon(mirror);
    },
    async close() {
      for (const mirror of open.values()) await (await mirror.catch(() => undefined))?.close();
    },
  };
}

function abandon(opening: Promise<Mirror>): void {
  opening.then(
    (mirror) => mirror.abandon(),
    () => {},
  );
}
