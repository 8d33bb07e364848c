import { imageName, parseImage } from "../../model/image.ts";
import { behaviourLabel, type Pull, type Puller, parseBehaviour } from "../kubelet/behaviour.ts";
import type { BlobStore } from "../registry/blobs.ts";

/** Word in an image's behaviour label: its tag is in the registry, but nodes cannot get it. */
const unpullable = "unpullable";

/** Pulls from the trial's registry, whatever host a reference names, and fails in containerd's words. */
export function pullFrom(store: BlobStore): Puller {
  return async (image): Promise<Pull> => {
    const ref = parseImage(image);
    if (ref === undefined)
      return { found: false, message: `failed to parse image name "${image}": invalid reference format` };
    const reference = ref.digest ?? ref.tag ?? "latest";
    const full = `${imageName(ref)}${ref.digest === undefined ? ":" : "@"}${reference}`;
    const missing = (why: string): Pull => ({
      found: false,
      message: `failed to pull and unpack image "${full}": failed to resolve reference "${full}": ${full}: ${why}`,
    });
    const manifest = store.manifest(ref.path, reference);
    if (manifest === undefined) return missing("manifest unknown: not found");
    const label = await behaviourOf(store, ref.path, manifest.body);
    if (label?.split(/[\s,]+/).includes(unpullable)) return missing("manifest unknown: not found");
    return { found: true, digest: manifest.digest, behaviour: parseBehaviour(label) };
  };
}

/** The behaviour label of a manifest, or of an index's first manifest. */
async function behaviourOf(store: BlobStore, path: string, body: string): Promise<string | undefined> {
  const manifest = JSON.parse(Buffer.from(body, "base64").toString("utf8")) as {
    config?: { digest: string };
    manifests?: readonly { digest: string }[];
  };
  const first = manifest.manifests?.[0]?.digest;
  if (first !== undefined) {
    const inside = store.manifest(path, first);
    return inside === undefined ? undefined : behaviourOf(store, path, inside.body);
  }
  const config = manifest.config === undefined ? undefined : await store.blob(manifest.config.digest);
  if (config === undefined) return undefined;
  try {
    const parsed = JSON.parse(config.toString("utf8")) as { config?: { Labels?: Record<string, string> } };
    return parsed.config?.Labels?.[behaviourLabel];
  } catch {
    return undefined;
  }
}
