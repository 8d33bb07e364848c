import type { BlobStore } from "../registry/blobs.ts";

/** Tag of an image built last; undefined where there is none. Indexes and images without a build time come first. */
export async function newestTag(store: BlobStore, path: string): Promise<string | undefined> {
  let newest: { tag: string; at: number } | undefined;
  for (const tag of store.tags(path) ?? []) {
    const at = await builtAt(store, path, tag);
    if (newest === undefined || at >= newest.at) newest = { tag, at };
  }
  return newest?.tag;
}

async function builtAt(store: BlobStore, path: string, tag: string): Promise<number> {
  try {
    const manifest = JSON.parse(Buffer.from(store.manifest(path, tag)!.body, "base64").toString("utf8")) as {
      config: { digest: string };
    };
    const config = JSON.parse((await store.blob(manifest.config.digest))!.toString("utf8")) as { created?: string };
    return Date.parse(config.created ?? "") || 0;
  } catch {
    return 0;
  }
}
