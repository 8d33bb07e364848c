import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Git holds a lock for milliseconds: one that has not changed for so long belongs to nobody. */
const leftAfterMs = 3_000;

/**
 * Takes away the locks on branches that a git which was killed left in a repository; those that may still be held are
 * waited for. Answers whether there were any, so that trying again makes sense.
 */
export async function removeLeftLocks(directory: string): Promise<boolean> {
  const found = await Promise.all((await lockPaths(directory)).map(removeWhenLeft));
  return found.some(Boolean);
}

async function lockPaths(directory: string): Promise<string[]> {
  const refs = join(directory, "refs");
  const names = await readdir(refs, { recursive: true }).catch((): string[] => []);
  return [
    join(directory, "packed-refs.lock"),
    ...names.filter((name) => name.endsWith(".lock")).map((name) => join(refs, name)),
  ];
}

/** Whether the lock was there at all. One that is another one after the wait is somebody's. */
async function removeWhenLeft(path: string): Promise<boolean> {
  const first = await stat(path).catch(() => undefined);
  if (first === undefined) return false;
  await pause(Math.max(0, first.mtimeMs + leftAfterMs - Date.now()));
  const now = await stat(path).catch(() => undefined);
  if (now?.ino === first.ino && now.mtimeMs === first.mtimeMs) await unlink(path).catch(() => {});
  return true;
}
