import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../model/ports/clock.ts";
import { type SandboxCluster, type SandboxClusterOptions, startSandboxCluster } from "./server.ts";

async function start(options: Partial<SandboxClusterOptions> = {}): Promise<SandboxCluster> {
  const cluster = await startSandboxCluster({ name: "test", clock: systemClock, ...options });
  onTestFinished(() => cluster.close());
  return cluster;
}
const headers = { authorization: "Bearer any" };
const configMaps = "/api/v1/namespaces/default/configmaps";

interface Stored {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly ownerReferences?: unknown;
  };
}
async function send(cluster: SandboxCluster, method: string, path: string, body?: object) {
  const answer = await fetch(cluster.url + path, {
    method,
    headers: { ...headers, "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, text, json: () => JSON.parse(text) as Stored };
}
const configMap = (name: string, data: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
});

test("a restart over the same folder finds every object, and tells watchers to list again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const first = await startSandboxCluster({ name: "test", clock: systemClock, folder });
  const made = (await send(first, "POST", configMaps, configMap("a", { x: "1" }))).json();
  await first.close();
  const second = await start({ folder });
  expect((await send(second, "GET", `${configMaps}/a`)).json()).toEqual(made);
  const { resourceVersion } = made.metadata;
  const watch = await send(second, "GET", `${configMaps}?watch=1&resourceVersion=${resourceVersion}`);
  expect(JSON.parse(watch.text)).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
});

test("a restart serves the kinds of stored definitions", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const first = await startSandboxCluster({ name: "test", clock: systemClock, folder });
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  await send(first, "POST", definitions, {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.shop.example" },
    spec: {
      group: "shop.example",
      scope: "Namespaced",
      names: { kind: "Thing", plural: "things" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    },
  });
  await first.close();
  const second = await start({ folder });
  expect((await send(second, "GET", "/apis/shop.example/v1/namespaces/default/things")).status).toBe(200);
});

test("a watch reaches back as far as the history goes and no further", async () => {
  const cluster = await start({ history: 5 });
  const versions: string[] = [];
  for (let count = 0; count < 30; count++) {
    const { metadata } = (await send(cluster, "POST", configMaps, configMap(`a-${count}`))).json();
    versions.push(metadata.resourceVersion);
  }
  const from = (version: string) =>
    send(cluster, "GET", `${configMaps}?watch=1&timeoutSeconds=1&resourceVersion=${version}`);
  expect((await from(versions[0]!)).text).toContain("too old resource version");
  const late = (await from(versions.at(-3)!)).text.trim().split("\n");
  expect(
    late.map((line) => (JSON.parse(line) as { object: { metadata: { name: string } } }).object.metadata.name),
  ).toEqual(["a-28", "a-29"]);
});

test("a watcher that does not read is cut off, and the server goes on", async () => {
  const cluster = await start();
  const { hostname, port } = new URL(cluster.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${configMaps}?watch=1 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer any\r\n\r\n`);
  await new Promise((done) => socket.once("data", done));
  socket.pause();
  const closed = new Promise((done) => socket.once("close", done));
  socket.on("error", () => {});
  await send(cluster, "POST", configMaps, configMap("big"));
  for (let count = 0; count < 24; count++)
    await send(cluster, "PATCH", `${configMaps}/big`, { data: { text: String(count).repeat(400_000) } });
  socket.resume();
  await closed;
  expect((await send(cluster, "GET", `${configMaps}/big`)).status).toBe(200);
});

test("a web page is refused, and a call that is too long", async () => {
  const cluster = await start();
  const page = await fetch(`${cluster.url}/api/v1/pods`, { headers: { origin: "https://elsewhere.example" } });
  expect(page.status).toBe(403);
  expect((await fetch(`${cluster.url}/readyz`)).status).toBe(200);
  const long = await send(cluster, "POST", configMaps, configMap("long", { text: "x".repeat(4_000_000) }));
  expect(long.status).toBe(413);
});

test("an owner deleted in the foreground goes after its dependents, one that orphans lets them stay", async () => {
  const cluster = await start();
  const owned = (name: string, owner: { metadata: { name: string; uid: string } }) => ({
    ...configMap(name),
    metadata: {
      name,
      ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: owner.metadata.name, uid: owner.metadata.uid }],
    },
  });
  for (const policy of ["Foreground", "Orphan"]) {
    const made = (await send(cluster, "POST", configMaps, configMap(`owner-${policy.toLowerCase()}`))).json();
    const dependent = `dependent-${policy.toLowerCase()}`;
    await send(cluster, "POST", configMaps, owned(dependent, made));
    await send(cluster, "DELETE", `${configMaps}/${made.metadata.name}?propagationPolicy=${policy}`);
    // The collector works right after the answer, before it reads the next request's body.
    await new Promise((done) => setImmediate(done));
    expect((await send(cluster, "GET", `${configMaps}/${made.metadata.name}`)).status).toBe(404);
    const left = await send(cluster, "GET", `${configMaps}/${dependent}`);
    expect(left.status).toBe(policy === "Orphan" ? 200 : 404);
    if (policy === "Orphan") expect(left.json().metadata.ownerReferences).toBeUndefined();
  }
});
