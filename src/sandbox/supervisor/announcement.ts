import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What a running trial writes down, so that `sluice` in the checkout finds it. */
export interface Announcement {
  readonly url: string;
  readonly git: string;
  readonly registry: string;
  readonly pid: number;
}

/** Writes it, unless another trial that still runs did. False when it could not be written. */
export function announce(file: string, announcement: Announcement): boolean {
  const other = read(file);
  if (other !== undefined && other.pid !== announcement.pid && isRunning(other.pid)) return false;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(announcement, null, 2)}\n`);
    return true;
  } catch {
    return false;
  }
}

/** Takes it back, when it is ours. */
export function withdraw(file: string, pid: number): void {
  if (read(file)?.pid === pid) rmSync(file, { force: true });
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function read(file: string): Announcement | undefined {
  try {
    const found = JSON.parse(readFileSync(file, "utf8")) as Partial<Announcement>;
    return typeof found.pid === "number" ? (found as Announcement) : undefined;
  } catch {
    return undefined;
  }
}
