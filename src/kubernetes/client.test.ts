import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { KubernetesClient, WatchEvent } from "../model/ports/kubernetes.ts";
import { createKubernetesClient } from "./client.ts";

const configMap = { apiVersion: "v1", kind: "ConfigMap" };
const canary = { apiVersion: "shop.example/v1", kind: "Canary" };
type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A server that misbehaves as `special` says and serves two kinds otherwise. */
async function clientOf(special: Answer): Promise<KubernetesClient> {
  const server = createServer((request, response) => {
    if (special(request, response)) return;
    const resource = (name: string, kind: string) => ({ name, kind, namespaced: true, verbs: ["list", "watch"] });
    const bodies: Record<string, object> = {
      "/apis": { groups: [{ versions: [{ groupVersion: "shop.example/v1" }] }] },
      "/api/v1": { resources: [resource("configmaps", "ConfigMap")] },
      "/apis/shop.example/v1": { resources: [resource("canaries", "Canary")] },
    };
    const body = bodies[request.url ?? ""];
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? { message: "no such thing" }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const client = createKubernetesClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return client;
}

test("a kind whose group did not answer is asked for again, and never taken for absent", async () => {
  let failures = 3;
  const client = await clientOf((request, response) => {
    if (request.url !== "/apis/shop.example/v1" || failures === 0) return false;
    failures--;
    response.writeHead(503).end("{}");
    return true;
  });
  expect(await client.resource(configMap)).toBeDefined();
  await expect(client.resource(canary)).rejects.toThrow("does not answer what kinds shop.example/v1 has");
  failures = 0;
  expect(await client.resource(canary)).toMatchObject({ plural: "canaries" });
  expect(await client.resource({ apiVersion: "other.example/v1", kind: "Other" })).toBeUndefined();
});

test("a list whose next page the server forgot is read again in one piece", async () => {
  const seen: string[] = [];
  const client = await clientOf((request, response) => {
    const url = new URL(request.url ?? "", "http://host");
    if (url.pathname !== "/api/v1/configmaps") return false;
    seen.push(url.search);
    const items = ["a", "b"].map((name) => ({ metadata: { name } }));
    if (url.searchParams.has("continue")) response.writeHead(410).end(JSON.stringify({ reason: "Expired" }));
    else if (url.searchParams.has("limit"))
      response.end(JSON.stringify({ metadata: { resourceVersion: "1", continue: "x" }, items: items.slice(0, 1) }));
    else response.end(JSON.stringify({ metadata: { resourceVersion: "2" }, items }));
    return true;
  });
  const { items, resourceVersion } = await client.list(configMap);
  expect(items.map((item) => item.metadata.name)).toEqual(["a", "b"]);
  expect(resourceVersion).toBe("2");
  expect(seen).toHaveLength(3);
});

test("a broken line of a watch is told and the watch goes on", async () => {
  const client = await clientOf((request, response) => {
    if (!request.url?.startsWith("/api/v1/configmaps?watch=1")) return false;
    const added = JSON.stringify({ type: "ADDED", object: { metadata: { name: "ä" } } });
    // The letter is cut in two.
    const bytes = Buffer.from(`{"type":\n${added}\n`);
    const cut = bytes.indexOf(0xc3) + 1;
    response.write(bytes.subarray(0, cut));
    setImmediate(() => response.end(bytes.subarray(cut)));
    return true;
  });
  const events: WatchEvent[] = [];
  for await (const event of client.watch(configMap, "1", {}, new AbortController().signal)) events.push(event);
  expect(events).toEqual([
    { type: "ERROR", message: expect.stringContaining("no JSON") },
    { type: "ADDED", object: { ...configMap, metadata: { name: "ä" } } },
  ]);
});

test("an answer that is no JSON or breaks off is a failure in plain words", async () => {
  const client = await clientOf((request, response) => {
    if (request.url?.endsWith("/proxy")) response.end("<html>sign in</html>");
    else if (request.url?.endsWith("/broken")) {
      response.writeHead(200, { "content-length": 100 }).write("{");
      setImmediate(() => response.destroy());
    } else return false;
    return true;
  });
  await expect(client.get(configMap, "shop", "proxy")).rejects.toThrow("the answer is no JSON: <html>");
  await expect(client.get(configMap, "shop", "broken")).rejects.toMatchObject({
    code: "cluster_failed",
    message: expect.stringContaining("the answer broke off"),
  });
});
