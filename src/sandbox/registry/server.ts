import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BlobStore, type StoredManifest } from "./blobs.ts";

export interface RegistryOptions {
  readonly port?: number;
  /** Keeps contents below this folder; in memory without. */
  readonly folder?: string;
  /** Told after each push of a tag, in distribution's notification form. */
  readonly notify?: (envelope: object) => void;
}
const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const maxBlobBytes = 512 * 1024 * 1024;

/** An OCI distribution registry on loopback: pushes of standard clients, pulls, tag lists with paging, notifications. */
export async function startRegistry(
  options: RegistryOptions,
): Promise<{ url: string; store: BlobStore; close(): Promise<void> }> {
  const store = new BlobStore(options.folder);
  const server = createServer((request, response) => {
    route(store, options, request, response).catch((error: unknown) => {
      if (!response.headersSent) refuse(response, 500, "UNKNOWN", error instanceof Error ? error.message : "failed");
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    store,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function route(
  store: BlobStore,
  options: RegistryOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://host");
  response.setHeader("docker-distribution-api-version", "registry/2.0");
  if (/^\/v2\/?$/.test(url.pathname))
    return void response.writeHead(200, { "content-type": "application/json" }).end("{}");
  const match = /^\/v2\/(.+)\/(tags\/list|manifests\/[^/]+|blobs\/uploads\/?[^/]*|blobs\/[^/]+)$/.exec(url.pathname);
  if (match === null) return refuse(response, 404, "NAME_UNKNOWN", "no such path");
  const [, name, rest] = match as unknown as [string, string, string];
  if (!namePattern.test(name)) return refuse(response, 400, "NAME_INVALID", "invalid repository name");
  const method = request.method ?? "GET";
  if (rest === "tags/list") return listTags(store, name, url, response);
  if (rest.startsWith("manifests/"))
    return manifests(store, options, name, decodeURIComponent(rest.slice(10)), request, response);
  if (rest.startsWith("blobs/uploads"))
    return uploads(store, name, rest.slice("blobs/uploads".length).replace(/^\//, ""), url, request, response);
  const digest = rest.slice(6);
  const blob = method === "GET" || method === "HEAD" ? await store.blob(digest) : undefined;
  if (blob === undefined) return refuse(response, 404, "BLOB_UNKNOWN", "blob unknown to registry");
  response.writeHead(200, {
    "content-length": blob.length,
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
  });
  response.end(method === "HEAD" ? undefined : blob);
}

function listTags(store: BlobStore, name: string, url: URL, response: ServerResponse): void {
  const all = store.tags(name);
  if (all === undefined) return refuse(response, 404, "NAME_UNKNOWN", "repository name not known to registry");
  const last = url.searchParams.get("last");
  const limit = Number(url.searchParams.get("n") ?? all.length) || all.length;
  const after = last === null ? all : all.filter((tag) => tag > last);
  const page = after.slice(0, limit);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (page.length < after.length)
    headers.link = `</v2/${name}/tags/list?n=${limit}&last=${encodeURIComponent(page.at(-1)!)}>; rel="next"`;
  response.writeHead(200, headers).end(JSON.stringify({ name, tags: page }));
}

async function manifests(
  store: BlobStore,
  options: RegistryOptions,
  name: string,
  reference: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "PUT") {
    const body = await readBody(request);
    const mediaType = String(request.headers["content-type"] ?? "application/vnd.oci.image.manifest.v1+json");
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (reference.includes(":") && reference !== digest)
      return refuse(response, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    try {
      JSON.parse(body.toString("utf8"));
    } catch {
      return refuse(response, 400, "MANIFEST_INVALID", "manifest is not JSON");
    }
    const manifest: StoredManifest = { digest, mediaType, body: body.toString("base64") };
    const tag = reference.includes(":") ? undefined : reference;
    await store.putManifest(name, manifest, tag);
    if (tag !== undefined) options.notify?.(envelope(name, tag, manifest));
    return void response
      .writeHead(201, { location: `/v2/${name}/manifests/${digest}`, "docker-content-digest": digest })
      .end();
  }
  if (request.method === "DELETE") {
    const gone = await store.removeManifest(name, reference);
    return gone ? void response.writeHead(202).end() : refuse(response, 404, "MANIFEST_UNKNOWN", "manifest unknown");
  }
  const manifest = store.manifest(name, reference);
  if (manifest === undefined) return refuse(response, 404, "MANIFEST_UNKNOWN", "manifest unknown");
  const body = Buffer.from(manifest.body, "base64");
  response.writeHead(200, {
    "content-type": manifest.mediaType,
    "content-length": body.length,
    "docker-content-digest": manifest.digest,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function uploads(
  store: BlobStore,
  name: string,
  id: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const place = (upload: string) => `/v2/${name}/blobs/uploads/${upload}`;
  if (request.method === "POST") {
    const digest = url.searchParams.get("digest");
    const mount = url.searchParams.get("mount");
    if (mount !== null && (await store.blob(mount)) !== undefined)
      return void response
        .writeHead(201, { location: `/v2/${name}/blobs/${mount}`, "docker-content-digest": mount })
        .end();
    if (digest !== null) return finish(store, name, digest, await readBody(request), response);
    const upload = randomUUID();
    store.uploads.set(upload, []);
    return void response.writeHead(202, { location: place(upload), range: "0-0", "docker-upload-uuid": upload }).end();
  }
  const parts = store.uploads.get(id);
  if (parts === undefined) return refuse(response, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
  if (request.method === "DELETE") {
    store.uploads.delete(id);
    return void response.writeHead(204).end();
  }
  if (request.method !== "GET") parts.push(await readBody(request));
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  if (request.method === "PUT") {
    store.uploads.delete(id);
    return finish(store, name, url.searchParams.get("digest") ?? "", Buffer.concat(parts), response);
  }
  response
    .writeHead(request.method === "GET" ? 204 : 202, {
      location: place(id),
      range: `0-${Math.max(0, size - 1)}`,
      "docker-upload-uuid": id,
    })
    .end();
}

async function finish(
  store: BlobStore,
  name: string,
  digest: string,
  data: Buffer,
  response: ServerResponse,
): Promise<void> {
  const actual = `sha256:${createHash("sha256").update(data).digest("hex")}`;
  if (actual !== digest)
    return refuse(response, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
  await store.putBlob(digest, data);
  response.writeHead(201, { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest }).end();
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBlobBytes) throw new Error("too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { "content-type": "application/json" })
    .end(JSON.stringify({ errors: [{ code, message }] }));
}

function envelope(repository: string, tag: string, manifest: StoredManifest): object {
  const target = { mediaType: manifest.mediaType, digest: manifest.digest, repository, tag };
  return { events: [{ id: randomUUID(), timestamp: new Date().toISOString(), action: "push", target }] };
}
