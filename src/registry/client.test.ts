import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { copyImage, missing, putManifest, registries, type TestRegistry } from "../../test/support/registries.ts";
import { temporaryFolder } from "../../test/support/repository.ts";
import { pushImage } from "../sandbox/registry/push.ts";
import { createRegistryClient } from "./client.ts";

const name = "registry.shop.example/shop/web";
const builtAt = Date.parse("2024-05-01T10:00:00Z");

for (const each of registries) {
  if (each.missing !== undefined) console.warn(`!!! SKIPPED: the registry's tests on ${each.name}: ${each.missing}`);
  describe.runIf(each.missing === undefined)(each.name, () => {
    let registry: TestRegistry;
    let folder: ReturnType<typeof temporaryFolder>;
    let client: ReturnType<typeof createRegistryClient>;
    const push = (tag: string) =>
      pushImage({ registry: registry.url, repository: "shop/web", tag, labels: { team: "shop" }, createdAt: builtAt });
    beforeAll(async () => {
      folder = temporaryFolder();
      registry = await each.start(folder.path);
      client = createRegistryClient((host) => (host === "registry.shop.example" ? registry.url : undefined));
    });
    afterAll(async () => {
      await client.close();
      await registry.close();
      folder.remove();
    });

    test("every tag is listed, and each has its digest, build time and labels", async () => {
      const pushed = new Map<string, string>();
      for (const tag of ["1.0.0", "1.10.0", "1.2.0", "latest"]) pushed.set(tag, await push(tag));
      expect([...(await client.tags(name))].sort()).toEqual([...pushed.keys()].sort());
      for (const [tag, digest] of pushed) expect(await client.digest(name, tag)).toBe(digest);
      expect(await client.metadata(name, "1.2.0")).toEqual({
        digest: pushed.get("1.2.0"),
        createdAt: builtAt,
        labels: { team: "shop" },
      });
      expect((await client.metadata(name, pushed.get("1.2.0")!)).createdAt).toBe(builtAt);
    });

    test.runIf(missing.skopeo === undefined)("an image that skopeo pushed is read like every other", async () => {
      const layout = join(folder.path, "layout");
      const at = `${registry.url.replace("http://", "")}/shop/copied:2.0.0`;
      const digest = await copyImage(layout, at, "2024-05-02T00:00:00Z", {
        "org.opencontainers.image.revision": "abc",
      });
      expect(await client.tags("registry.shop.example/shop/copied")).toEqual(["2.0.0"]);
      expect(await client.metadata("registry.shop.example/shop/copied", "2.0.0")).toEqual({
        digest,
        createdAt: Date.parse("2024-05-02T00:00:00Z"),
        labels: { "org.opencontainers.image.revision": "abc" },
      });
    });

    test("an index has its own digest, and the build time and labels of its image", async () => {
      const digest = await push("part");
      const image = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest, size: 600 };
      const index = {
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [{ ...image, platform: { os: "linux", architecture: "amd64" } }],
      };
      const indexDigest = await putManifest(registry.url, "shop/web", "multi", index, index.mediaType);
      expect(await client.metadata(name, "multi")).toEqual({
        digest: indexDigest,
        createdAt: builtAt,
        labels: { team: "shop" },
      });
    });

    test("what is not there is told in the registry's own words", async () => {
      await expect(client.tags("registry.shop.example/shop/nothing")).rejects.toThrow(
        /^reading the tags of registry.shop.example\/shop\/nothing: .*HTTP 404/,
      );
      await expect(client.metadata(name, "9.9.9")).rejects.toThrow(/^reading 9.9.9 of .*HTTP 404/);
    });
  });
}

describe("a registry that does as it likes", () => {
  let closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    closing = [];
  });
  async function start(handle: (request: IncomingMessage, response: ServerResponse, url: string) => void) {
    const server = createServer((request, response) => handle(request, response, url)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = createRegistryClient(() => url);
    closing.push(
      () => client.close(),
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    return { url, client };
  }

  test("a token is fetched when asked for, kept, and not sent to another origin", async () => {
    const seen: string[] = [];
    const other = await start((request, response) => {
      seen.push(`elsewhere ${request.headers.authorization ?? "nothing"}`);
      response.end('{"tags":["1"]}');
    });
    const { client } = await start((request, response, url) => {
      seen.push(`${request.url} ${request.headers.authorization ?? "nothing"}`);
      if (request.url!.startsWith("/token")) response.end('{"token":"t0ken","expires_in":300}');
      else if (request.headers.authorization !== "Bearer t0ken")
        response
          .writeHead(401, {
            "www-authenticate": `Bearer realm="${url}/token",service="reg",scope="repository:shop/web:pull"`,
          })
          .end();
      else response.writeHead(307, { location: `${other.url}/tags` }).end();
    });
    expect(await client.tags(name)).toEqual(["1"]);
    expect(await client.tags(name)).toEqual(["1"]);
    const list = "/v2/shop/web/tags/list?n=1000";
    expect(seen).toEqual([
      `${list} nothing`,
      "/token?service=reg&scope=repository%3Ashop%2Fweb%3Apull nothing",
      `${list} Bearer t0ken`,
      "elsewhere nothing",
      `${list} Bearer t0ken`,
      "elsewhere nothing",
    ]);
  });

  test("pages are followed on the host that was asked, whatever host they name", async () => {
    const { client } = await start((request, response) => {
      const last = new URL(request.url!, "http://host").searchParams.get("last");
      if (last === null)
        response
          .setHeader("link", '<https://inside.example/v2/shop/web/tags/list?n=2&last=b>; rel="next"')
          .end('{"tags":["a","b"]}');
      else response.end('{"tags":["c"]}');
    });
    expect(await client.tags(name)).toEqual(["a", "b", "c"]);
  });

  test("an image without a configuration has a digest and no build time", async () => {
    const { client } = await start((_request, response) => {
      response.setHeader("docker-content-digest", "sha256:00").end('{"schemaVersion":2,"annotations":{"a":"b"}}');
    });
    expect(await client.metadata(name, "1")).toEqual({ digest: "sha256:00", labels: { a: "b" } });
  });

  test("asking for rest is told with how long", async () => {
    const { client } = await start((_request, response) => response.writeHead(429, { "retry-after": "7" }).end());
    await expect(client.tags(name)).rejects.toMatchObject({ facts: { status: 429, retryAfterMs: 7_000 } });
  });

  test("circles, endless answers and answers of another kind are refused", async () => {
    const circle = await start((_request, response) => response.writeHead(302, { location: "/again" }).end());
    await expect(circle.client.tags(name)).rejects.toThrow("redirects where it should not, or in a circle");
    const endless = await start((_request, response) => {
      const chunk = "x".repeat(256 * 1_024);
      const more = () => {
        while (response.write(chunk));
      };
      response.on("drain", more);
      more();
    });
    await expect(endless.client.tags(name)).rejects.toThrow("answers more than 4194304 bytes");
    for (const body of ["<html>", '{"tags":5}', "null"]) {
      const odd = await start((_request, response) => response.end(body));
      await expect(odd.client.tags(name)).rejects.toThrow("is not what was asked for");
    }
    const away = createRegistryClient(() => "http://127.0.0.1:9");
    await expect(away.tags(name)).rejects.toThrow(`the registry of ${name} cannot be reached: `);
    await away.close();
  });
});
