import { isUtf8 } from "node:buffer";
import { LRUCache } from "lru-cache";
import { SluiceError } from "../errors.ts";
import type { FolderEntry, TreeEntry } from "../model/ports/git.ts";
import { isFile, isFolder, parseTree, type TreeItem } from "./tree.ts";

const maxTextBytes = 8 * 1024 * 1024;
const maxKeptTextBytes = 32 * 1024 * 1024;
const maxKeptItems = 1_000_000;

/** Trees and files of a repository by id, kept as far as there is room: what an id stands for never changes. */
export class Contents {
  readonly #object: (id: string, type: "tree" | "blob") => Promise<Buffer>;
  readonly #trees = new LRUCache<string, readonly TreeItem[]>({ maxSize: maxKeptItems });
  readonly #texts = new LRUCache<string, string>({ maxSize: maxKeptTextBytes });

  /** `object` answers what an id stands for, and throws where there is nothing of that type. */
  constructor(object: (id: string, type: "tree" | "blob") => Promise<Buffer>) {
    this.#object = object;
  }

  /** Takes over what was just made, so that it is not read back. */
  keep(type: "tree" | "blob", id: string, data: Buffer): void {
    if (type === "tree") this.#keepTree(id, data);
    else if (data.length <= maxTextBytes) this.#keepText(id, data);
  }

  async tree(id: string): Promise<readonly TreeItem[]> {
    return this.#trees.get(id) ?? this.#keepTree(id, await this.#object(id, "tree"));
  }

  async folder(id: string): Promise<readonly FolderEntry[]> {
    return (await this.tree(id)).flatMap((item) => entryOf(item) ?? []);
  }

  /** A file as UTF-8 text; throws `too_large` past the bound, and `invalid_manifest` with its `line` where it is none. */
  async text(blob: string): Promise<string> {
    const known = this.#texts.get(blob);
    if (known !== undefined) return known;
    const object = await this.#object(blob, "blob");
    if (object.length > maxTextBytes)
      throw new SluiceError("too_large", `a file of ${object.length} bytes is too large to read`);
    // Read as if it were, it would be written back with other bytes than it had.
    if (!isUtf8(object))
      throw new SluiceError("invalid_manifest", "it is not UTF-8 text; save it as UTF-8", {
        line: lineOfOther(object),
      });
    return this.#keepText(blob, object);
  }

  /** The file or folder at a path below a tree. */
  async entry(root: string, path: string): Promise<FolderEntry | undefined> {
    let at: FolderEntry = { name: "", kind: "folder", id: root };
    for (const part of partsOf(path)) {
      const item = at.kind === "folder" ? (await this.tree(at.id)).find(({ name }) => name === part) : undefined;
      const next = item && entryOf(item);
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  }

  /** All files at or below paths of a tree, each once. */
  async files(root: string, paths: readonly string[]): Promise<TreeEntry[]> {
    const found = new Map<string, TreeEntry>();
    for (const path of paths) await this.#collect(root, partsOf(path), "", found);
    return [...found.values()];
  }

  async #collect(tree: string, parts: readonly string[], prefix: string, found: Map<string, TreeEntry>): Promise<void> {
    const [wanted, ...rest] = parts;
    for (const item of await this.tree(tree)) {
      if (wanted !== undefined && item.name !== wanted) continue;
      const path = prefix + item.name;
      if (isFolder(item)) await this.#collect(item.id, rest, `${path}/`, found);
      else if (isFile(item) && rest.length === 0) found.set(path, { path, blob: item.id, mode: item.mode });
    }
  }

  #keepTree(id: string, data: Buffer): readonly TreeItem[] {
    const items = parseTree(data);
    this.#trees.set(id, items, { size: items.length + 1 });
    return items;
  }
  #keepText(blob: string, data: Buffer): string {
    const text = data.toString("utf8");
    this.#texts.set(blob, text, { size: data.length + 100 });
    return text;
  }
}

/** The parts of a path in a repository; throws where it leads out of it. */
function partsOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new SluiceError("bad_request", `the path "${path}" leaves the repository`);
  return parts;
}

/** What people see of a folder: neither symlinks nor submodules. */
function entryOf(item: TreeItem): FolderEntry | undefined {
  if (isFolder(item)) return { name: item.name, kind: "folder", id: item.id };
  return isFile(item) ? { name: item.name, kind: "file", id: item.id } : undefined;
}

/** The first line that is not UTF-8. */
function lineOfOther(data: Buffer): number {
  let line = 1;
  for (let at = 0; ; line++) {
    const end = data.indexOf(10, at);
    if (end < 0 || !isUtf8(data.subarray(at, end))) return line;
    at = end + 1;
  }
}
