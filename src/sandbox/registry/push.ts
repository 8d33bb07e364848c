import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { request } from "undici";

export interface NewImage {
  /** Registry address, `http://127.0.0.1:5000`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: number;
}

/** Builds a small OCI image and pushes it as any client would. Answers the manifest's digest. */
export async function pushImage(image: NewImage): Promise<string> {
  const layer = gzipSync(Buffer.alloc(1_024));
  const created = new Date(image.createdAt).toISOString();
  const config = Buffer.from(
    JSON.stringify({
      created,
      architecture: "amd64",
      os: "linux",
      config: { Labels: image.labels },
      rootfs: { type: "layers", diff_ids: [digestOf(Buffer.alloc(1_024))] },
      history: [{ created, created_by: "sluice sandbox" }],
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf(config), size: config.length },
      layers: [
        { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digestOf(layer), size: layer.length },
      ],
    }),
  );
  const base = `${image.registry}/v2/${image.repository}`;
  for (const blob of [layer, config]) await pushBlob(base, blob);
  await send("PUT", `${base}/manifests/${image.tag}`, manifest, "application/vnd.oci.image.manifest.v1+json");
  return digestOf(manifest);
}

/** In one call where the registry takes it; one that does not answers where the blob shall go. */
async function pushBlob(base: string, blob: Buffer): Promise<void> {
  const url = `${base}/blobs/uploads/?digest=${digestOf(blob)}`;
  const location = await send("POST", url, blob, "application/octet-stream");
  if (location === undefined) return;
  const target = new URL(location, url);
  target.searchParams.set("digest", digestOf(blob));
  await send("PUT", target.toString(), blob, "application/octet-stream");
}

/** Answers where an upload goes on, when the registry says that it has to. */
async function send(method: "POST" | "PUT", url: string, body: Buffer, type: string): Promise<string | undefined> {
  const answer = await request(url, { method, body, headers: { "content-type": type } });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${url}: HTTP ${answer.statusCode} ${text.slice(0, 200)}`);
  return answer.statusCode === 202 ? String(answer.headers.location) : undefined;
}
function digestOf(data: Buffer): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}
