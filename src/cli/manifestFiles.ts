import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SluiceError } from "../errors.ts";

/** A file that may hold documents or manifests, by the path people gave; links are told and not read. */
export type ManifestFile =
  | { readonly kind: "text"; readonly path: string; readonly content: string }
  | { readonly kind: "link"; readonly path: string };

const looksLikeManifest = /\.(?:ya?ml|json)$/;

/** The files of paths and of everything below them; JSON that is no manifest is left out. `cwd` is where relative paths start. */
export async function manifestFiles(paths: readonly string[], cwd: string): Promise<ManifestFile[]> {
  const found = new Set((await Promise.all(paths.map((path) => pathsBelow(path, cwd)))).flat());
  return (await Promise.all([...found].map((path) => open(path, cwd)))).flat();
}

async function pathsBelow(path: string, cwd: string): Promise<string[]> {
  const full = resolve(cwd, path);
  const found = await stat(full).catch(() => undefined);
  if (found === undefined)
    throw new SluiceError("bad_request", `There is no file or folder ${path}.`, { help: "Check the path." });
  if (!found.isDirectory()) return [path];
  const entries = await readdir(full, { withFileTypes: true });
  const inside = entries
    .filter((entry) => !entry.name.startsWith(".") && entry.name !== "node_modules")
    .map((entry) => {
      if (entry.isDirectory()) return pathsBelow(join(path, entry.name), cwd);
      return looksLikeManifest.test(entry.name) ? [join(path, entry.name)] : [];
    });
  return (await Promise.all(inside)).flat();
}

async function open(path: string, cwd: string): Promise<ManifestFile[]> {
  const full = resolve(cwd, path);
  if ((await lstat(full)).isSymbolicLink()) return [{ kind: "link", path }];
  const content = await readFile(full, "utf8");
  const isManifest = !path.endsWith(".json") || (content.includes('"apiVersion"') && content.includes('"kind"'));
  return isManifest ? [{ kind: "text", path, content }] : [];
}
