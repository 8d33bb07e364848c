/** One entry of a tree object. */
export interface TreeItem {
  readonly mode: string;
  readonly name: string;
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
    items.push({ mode: data.toString("latin1", at, space), name: data.toString("utf8", space + 1, zero), id });
    at = zero + 21;
  }
  return items;
}

/** Writes a tree object; Git orders folders as if their names ended in a slash. */
function formatTree(items: readonly TreeItem[]): Buffer {
  const sorted = items.map((item) => ({ item, key: Buffer.from(isFolder(item) ? `${item.name}/` : item.name) }));
  sorted.sort((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(
    sorted.flatMap(({ item }) => [Buffer.from(`${item.mode} ${item.name}\0`), Buffer.from(item.id, "hex")]),
  );
}

/** Reads and writes trees and blobs of a repository. */
export interface TreeAccess {
  tree(id: string): Promise<readonly TreeItem[]>;
  write(type: "blob" | "tree", data: Buffer): Promise<string>;
}

/** The tree with files replaced, added or (null) removed; folders left empty go. Only trees on the way are rewritten. */
export async function replaceFiles(
  access: TreeAccess,
  root: string | undefined,
  files: ReadonlyMap<string, string | null>,
): Promise<string> {
  const items = new Map((root === undefined ? [] : await access.tree(root)).map((item) => [item.name, item]));
  const folders = new Map<string, Map<string, string | null>>();
  for (const [path, content] of files) {
    const slash = path.indexOf("/");
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
