import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  /** Base64: manifests are kept byte for byte. */
  readonly body: string;
}
interface Repository {
  readonly manifests: Record<string, StoredManifest>;
  readonly tags: Record<string, string>;
}

/** Contents of the registry: blobs by digest, manifests and tags by repository. */
export class BlobStore {
  /** Uploads under way, by id. */
  readonly uploads = new Map<string, Buffer[]>();
  readonly #folder: string | undefined;
  readonly #blobs = new Map<string, Buffer>();
  #repositories: Record<string, Repository> = {};
  #saving: Promise<void> = Promise.resolve();

  constructor(folder?: string) {
    this.#folder = folder;
    if (folder === undefined) return;
    mkdirSync(join(folder, "blobs"), { recursive: true });
    const index = join(folder, "index.json");
    if (existsSync(index)) this.#repositories = JSON.parse(readFileSync(index, "utf8")) as Record<string, Repository>;
  }

  async blob(digest: string): Promise<Buffer | undefined> {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
    if (this.#folder === undefined) return this.#blobs.get(digest);
    return readFile(this.#path(digest)).catch(() => undefined);
  }
  async putBlob(digest: string, data: Buffer): Promise<void> {
    if (this.#folder === undefined) this.#blobs.set(digest, data);
    else {
      // Whole or not at all: a process that ends half way must not leave a blob that is not what its digest says.
      const temporary = `${this.#path(digest)}.${randomUUID()}`;
      await writeFile(temporary, data);
      await rename(temporary, this.#path(digest));
    }
  }

  /** Tags in order; undefined for a repository nobody pushed to. */
  tags(name: string): string[] | undefined {
    const repository = this.#repositories[name];
    return repository && Object.keys(repository.tags).sort();
  }
  manifest(name: string, reference: string): StoredManifest | undefined {
    const repository = this.#repositories[name];
    return repository?.manifests[reference.includes(":") ? reference : (repository.tags[reference] ?? "")];
  }
  async putManifest(name: string, manifest: StoredManifest, tag: string | undefined): Promise<void> {
    const repository = this.#repositories[name] ?? { manifests: {}, tags: {} };
    this.#repositories[name] = repository;
    repository.manifests[manifest.digest] = manifest;
    if (tag !== undefined) repository.tags[tag] = manifest.digest;
    await this.#save();
  }
  /** Removes a tag, or a manifest with its tags; false when there is none. */
  async removeManifest(name: string, reference: string): Promise<boolean> {
    const repository = this.#repositories[name];
    if (repository === undefined || this.manifest(name, reference) === undefined) return false;
    if (reference.includes(":")) {
      delete repository.manifests[reference];
      for (const [tag, digest] of Object.entries(repository.tags))
        if (digest === reference) delete repository.tags[tag];
    } else delete repository.tags[reference];
    await this.#save();
    return true;
  }

  #save(): Promise<void> {
    if (this.#folder === undefined) return Promise.resolve();
    const index = join(this.#folder, "index.json");
    this.#saving = this.#saving.then(async () => {
      await writeFile(`${index}.new`, JSON.stringify(this.#repositories));
      await rename(`${index}.new`, index);
    });
    return this.#saving;
  }
  #path(digest: string): string {
    return join(this.#folder!, "blobs", digest.replace(":", "-"));
  }
}
