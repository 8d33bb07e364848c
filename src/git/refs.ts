import type { Dirent } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isObjectId } from "./objects.ts";
import { mustGit } from "./process.ts";

const prefix = "refs/heads/";

/**
 * The commits branches stand at, read from a repository's files: that is sooner done than git is started. A repository
 * that keeps its refs otherwise is left to git.
 */
export async function readHeads(directory: string): Promise<Map<string, string>> {
  if ((await readdir(directory)).includes("reftable")) return askForHeads(directory);
  // Loose ones first: git packs a ref before it takes the loose one away, so that one is always found.
  const loose = await readLoose(directory, "");
  const packed = await readFile(join(directory, "packed-refs"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return new Map([...readLines(packed), ...loose]);
}

async function askForHeads(directory: string): Promise<Map<string, string>> {
  const args = ["for-each-ref", "--format=%(objectname) %(refname)", prefix];
  return readLines(await mustGit(directory, args, "reading branches"));
}

/** Lines of an id, a space and a ref; everything else there (comments, peeled tags) is passed over. */
function readLines(text: string): Map<string, string> {
  const heads = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [id = "", ref = ""] = [line.slice(0, 40), line.slice(41)];
    if (isObjectId(id) && ref.startsWith(prefix)) heads.set(ref.slice(prefix.length), id);
  }
  return heads;
}

async function readLoose(directory: string, folder: string): Promise<Map<string, string>> {
  const heads = new Map<string, string>();
  const place = join(directory, prefix, folder);
  const entries = await readdir(place, { withFileTypes: true }).catch((): Dirent[] => []);
  for (const entry of entries) {
    // No ref is called so: git is writing one.
    if (entry.name.endsWith(".lock")) continue;
    const name = folder + entry.name;
    if (entry.isDirectory()) for (const [inside, id] of await readLoose(directory, `${name}/`)) heads.set(inside, id);
    else {
      const id = (await readFile(join(place, entry.name), "utf8").catch(() => "")).trim();
      if (isObjectId(id)) heads.set(name, id);
    }
  }
  return heads;
}
