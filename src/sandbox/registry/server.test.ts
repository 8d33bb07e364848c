import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/repository.ts";
import { createRegistryClient } from "../../registry/client.ts";
import { pushImage } from "./push.ts";
import { startRegistry } from "./server.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});
async function start(options: Parameters<typeof startRegistry>[0] = {}) {
  const registry = await startRegistry(options);
  stops.push(registry.close);
  return registry;
}
const push = (registry: string, tag: string) =>
  pushImage({ registry, repository: "shop/cart", tag, labels: { a: tag }, createdAt: 1_700_000_000_000 });
const digestOf = (data: string) => `sha256:${createHash("sha256").update(data).digest("hex")}`;

test("what was pushed can be listed page by page and read back, also after a restart", async () => {
  const folder = temporaryFolder();
  stops.push(folder.remove);
  const first = await startRegistry({ folder: folder.path });
  for (const tag of ["1.0.0", "1.1.0", "1.2.0"]) await push(first.url, tag);
  const page = await fetch(`${first.url}/v2/shop/cart/tags/list?n=2`);
  expect(page.headers.get("link")).toContain("last=1.1.0");
  expect(await page.json()).toEqual({ name: "shop/cart", tags: ["1.0.0", "1.1.0"] });
  await first.close();
  const again = await start({ folder: folder.path });
  const client = createRegistryClient(() => again.url);
  stops.push(() => client.close());
  expect(await client.tags("any.example/shop/cart")).toEqual(["1.0.0", "1.1.0", "1.2.0"]);
  expect(await client.metadata("any.example/shop/cart", "1.1.0")).toMatchObject({ labels: { a: "1.1.0" } });
});

test("a blob can be sent in pieces as standard clients do, and one that is not what its digest says is refused", async () => {
  const { url } = await start();
  const begin = async () =>
    new URL((await fetch(`${url}/v2/a/b/blobs/uploads/`, { method: "POST" })).headers.get("location")!, url);
  const place = await begin();
  expect((await fetch(place, { method: "PATCH", body: "hel" })).headers.get("range")).toBe("0-2");
  await fetch(place, { method: "PATCH", body: "lo" });
  place.searchParams.set("digest", digestOf("hello"));
  expect((await fetch(place, { method: "PUT" })).status).toBe(201);
  expect(await (await fetch(`${url}/v2/a/b/blobs/${digestOf("hello")}`)).text()).toBe("hello");
  const other = await begin();
  other.searchParams.set("digest", digestOf("hello"));
  expect((await fetch(other, { method: "PUT", body: "hallo" })).status).toBe(400);
});

test("each push of a tag is told in the form of distribution's notifications", async () => {
  const told: unknown[] = [];
  const { url } = await start({ notify: (envelope) => told.push(envelope) });
  const digest = await push(url, "1.0.0");
  expect(told).toMatchObject([
    { events: [{ action: "push", target: { repository: "shop/cart", tag: "1.0.0", digest } }] },
  ]);
});

test("what is not there, or not allowed, is refused in the registry's own words", async () => {
  const { url } = await start();
  const refused = async (path: string, method = "GET") => {
    const answer = await fetch(url + path, { method, ...(method === "PUT" ? { body: "{}" } : {}) });
    return [answer.status, ((await answer.json()) as { errors: { code: string }[] }).errors[0]?.code];
  };
  expect(await refused("/v2/no/such/tags/list")).toEqual([404, "NAME_UNKNOWN"]);
  expect(await refused("/v2/no/such/manifests/1.0.0")).toEqual([404, "MANIFEST_UNKNOWN"]);
  expect(await refused("/v2/__proto__/manifests/1.0.0", "PUT")).toEqual([400, "NAME_INVALID"]);
});
