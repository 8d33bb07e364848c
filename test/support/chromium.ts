import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The system's own browser on PATH, or undefined. Nothing is ever downloaded. */
export function findChromium(): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter))
    for (const name of names)
      try {
        const path = join(folder, name);
        accessSync(path, constants.X_OK);
        return path;
      } catch {}
  return undefined;
}
