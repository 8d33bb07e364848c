import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { request } from "undici";
import { startRegistry } from "../../src/sandbox/registry/server.ts";
import { until } from "./until.ts";

const run = promisify(execFile);

export interface TestRegistry {
  readonly url: string;
  close(): Promise<void>;
}
const distribution = "/usr/bin/docker-registry";
/** Why a registry or client of others cannot be used here; undefined when it can. */
export const missing = {
  distribution: existsSync(distribution) ? undefined : "docker-registry is not installed",
  skopeo: existsSync("/usr/bin/skopeo") ? undefined : "skopeo is not installed",
};

/** The registries that the same tests run against. */
export const registries: readonly {
  readonly name: string;
  readonly missing: string | undefined;
  start(folder: string): Promise<TestRegistry>;
}[] = [
  { name: "our registry", missing: undefined, start: () => startRegistry({}) },
  { name: "docker-registry", missing: missing.distribution, start: startDistribution },
];

async function startDistribution(folder: string): Promise<TestRegistry> {
  const port = await freePort();
  const file = join(folder, "registry.yml");
  writeFileSync(
    file,
    `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${JSON.stringify(join(folder, "storage"))} }, delete: { enabled: true } }
http: { addr: "127.0.0.1:${port}" }
`,
  );
  const child: ChildProcess = spawn(distribution, ["serve", file], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  await until("docker-registry", () =>
    request(`${url}/v2/`).then(
      (answer) => answer.body.dump().then(() => answer.statusCode === 200),
      () => false,
    ),
  );
  return {
    url,
    async close() {
      const gone = once(child, "exit");
      child.kill();
      await gone;
    },
  };
}

/** A port nobody listens on; for what has to be told its port or come back at the same one. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

function digestOf(data: string | Buffer): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

/** Writes an OCI layout with one image and copies it with skopeo, the standard client. Answers the manifest's digest. */
export async function copyImage(folder: string, to: string, createdAt: string, labels: object): Promise<string> {
  const layer = gzipSync(Buffer.alloc(1_024));
  const config = JSON.stringify({
    created: createdAt,
    architecture: "amd64",
    os: "linux",
    config: { Labels: labels },
    rootfs: { type: "layers", diff_ids: [digestOf(Buffer.alloc(1_024))] },
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf(config), size: config.length },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digestOf(layer), size: layer.length }],
  });
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  for (const blob of [layer, config, manifest])
    writeFileSync(join(folder, "blobs", digestOf(blob).replace(":", "/")), blob);
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  const descriptor = {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: digestOf(manifest),
    size: manifest.length,
    annotations: { "org.opencontainers.image.ref.name": "it" },
  };
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }));
  await run("skopeo", [
    "copy",
    "--quiet",
    "--insecure-policy",
    "--dest-tls-verify=false",
    `oci:${folder}:it`,
    `docker://${to}`,
  ]);
  return digestOf(manifest);
}

/** Pushes any manifest under a tag. */
export async function putManifest(
  url: string,
  repository: string,
  tag: string,
  manifest: object,
  type: string,
): Promise<string> {
  const body = JSON.stringify(manifest);
  const answer = await request(`${url}/v2/${repository}/manifests/${tag}`, {
    method: "PUT",
    body,
    headers: { "content-type": type },
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 201) throw new Error(`PUT ${tag}: HTTP ${answer.statusCode} ${text}`);
  return digestOf(body);
}
