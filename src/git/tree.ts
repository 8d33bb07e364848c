import { isUtf8 } from "node:buffer";
import { SluiceError } from "../errors.ts";

/** One entry of a tree object. */
export interface TreeItem {
  readonly mode: string;
  readonly name: string;
  /** The name as it stands there, where that is not UTF-8: `name` is only what people see of it. */
  readonly bytes?: Buffer;
  readonly id: string;
}
const folderMode = "40000";

export function isFolder(item: TreeItem): boolean {
  return item.mode === folderMode;
}
/** A file people edit: not a symlink, not a submodule. */
export function isFile(item: TreeItem): boolean {
  return item.mode.startsWith("100");
}

/** Reads a tree object (mode, space, name, NUL, 20 bytes of id; Git's own format). */
export function parseTree(data: Buffer): TreeItem[] {
  const items: TreeItem[] = [];
  let at = 0;
  while (at < data.length) {
    const space = data.indexOf(32, at);
    const zero = data.indexOf(0, space);
    const id = data.toString("hex", zero + 1, zero + 21);
    const name = data.toString("utf8", space + 1, zero);
    const isOther = name.includes("\ufffd") && !isUtf8(data.subarray(space + 1, zero));
    const bytes = isOther ? { bytes: Buffer.from(data.subarray(space + 1, zero)) } : {};
    items.push({ mode: data.toString("latin1", at, space), name, ...bytes, id });
    at = zero + 21;
  }
  return items;
}

/** Writes a tree object; Git orders folders as if their names ended in a slash. */
function formatTree(items: readonly TreeItem[]): Buffer {
  const sorted = items.map((item) => {
    const name = item.bytes ?? Buffer.from(item.name);
    return { item, name, key: isFolder(item) ? Buffer.concat([name, slash]) : name };
  });
  sorted.sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(
    sorted.flatMap(({ item, name }) => [Buffer.from(`${item.mode} `), name, zeroByte, Buffer.from(item.id, "hex")]),
  );
}
const slash = Buffer.from("/");
const zeroByte = Buffer.from("\0");

/** The entries of a tree, none of which hides another one. */
function byName(items: readonly TreeItem[]): Map<string, TreeItem> {
  return new Map(
    items.map((item) => [item.bytes === undefined ? item.name : `\0${item.bytes.toString("latin1")}`, item]),
  );
}
/** Two names may look the same to people, so that nobody knows which is meant. */
function refuseOther(items: ReadonlyMap<string, TreeItem>, name: string): void {
  for (const item of items.values())
    if (item.bytes !== undefined && item.name === name)
      throw new SluiceError("invalid_manifest", `the name "${name}" is not UTF-8 in Git, so nothing is written there`);
}

/** Reads and writes trees and blobs of a repository. */
export interface TreeAccess {
  tree(id: string): Promise<readonly TreeItem[]>;
  write(type: "blob" | "tree", data: Buffer): Promise<string>;
}

/**
 * The tree with files replaced, added or (null) removed; folders left empty go. Only trees on the way are rewritten. Throws
 * `invalid_manifest` where a name on the way is not UTF-8.
 */
export async function replaceFiles(
  access: TreeAccess,
  root: string | undefined,
  files: ReadonlyMap<string, string | null>,
): Promise<string> {
  const items = byName(root === undefined ? [] : await access.tree(root));
  const folders = new Map<string, Map<string, string | null>>();
  for (const [path, content] of files) {
    const slash = path.indexOf("/");
    refuseOther(items, slash < 0 ? path : path.slice(0, slash));
    if (slash < 0) {
      const mode = items.get(path)?.mode;
      if (content === null) items.delete(path);
      else
        items.set(path, {
          name: path,
          mode: mode?.startsWith("100") ? mode : "100644",
          id: await access.write("blob", Buffer.from(content, "utf8")),
        });
      continue;
    }
    const folder = path.slice(0, slash);
    const inside = folders.get(folder) ?? new Map<string, string | null>();
    inside.set(path.slice(slash + 1), content);
    folders.set(folder, inside);
  }
  for (const [name, inside] of folders) {
    const old = items.get(name);
    if ((old === undefined || !isFolder(old)) && [...inside.values()].every((content) => content === null)) continue;
    const id = await replaceFiles(access, old !== undefined && isFolder(old) ? old.id : undefined, inside);
    if ((await access.tree(id)).length === 0) items.delete(name);
    else items.set(name, { name, mode: folderMode, id });
  }
  return access.write("tree", formatTree([...items.values()]));
}
