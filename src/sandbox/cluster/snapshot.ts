import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectStore, SavedState } from "./store.ts";

const delayMs = 500;

/** What a folder holds of a cluster; undefined when it holds none. */
export async function loadState(folder: string): Promise<SavedState | undefined> {
  try {
    return JSON.parse(await readFile(fileIn(folder), "utf8")) as SavedState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
function fileIn(folder: string): string {
  return join(folder, "cluster.json");
}

/** Writes a store to a folder a moment after it changed, and once more when it ends. A kill may lose that moment. */
export class Snapshot {
  readonly #store: ObjectStore;
  readonly #folder: string;
  readonly #end: () => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #saved: number;

  constructor(store: ObjectStore, folder: string) {
    this.#store = store;
    this.#folder = folder;
    this.#saved = store.version;
    this.#end = store.subscribe(() => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#writing = this.#writing.then(() => this.#write());
      }, delayMs).unref();
    });
  }
  async close(): Promise<void> {
    this.#end();
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const { version } = this.#store;
    if (version === this.#saved) return;
    const text = JSON.stringify(this.#store.save());
    await mkdir(this.#folder, { recursive: true });
    const file = fileIn(this.#folder);
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
    this.#saved = version;
  }
}
