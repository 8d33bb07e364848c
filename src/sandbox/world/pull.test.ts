import { afterAll, beforeAll, expect, test } from "vitest";
import { behaviourLabel, parseBehaviour } from "../kubelet/behaviour.ts";
import { pushImage } from "../registry/push.ts";
import { startRegistry } from "../registry/server.ts";
import { pullFrom } from "./pull.ts";

let registry: Awaited<ReturnType<typeof startRegistry>>;
beforeAll(async () => {
  registry = await startRegistry({});
});
afterAll(() => registry.close());
const push = (repository: string, tag: string, behaviour?: string) =>
  pushImage({
    registry: registry.url,
    repository,
    tag,
    labels: behaviour === undefined ? {} : { [behaviourLabel]: behaviour },
    createdAt: 0,
  });

test("an image is found by tag, by digest and without a tag, whatever host names it, and behaves as its label says", async () => {
  const pull = pullFrom(registry.store);
  const digest = await push("library/redis", "latest", "crash-after=5s");
  for (const image of ["redis", "docker.io/library/redis:latest", `mirror.example/library/redis@${digest}`])
    expect(await pull(image)).toEqual({ found: true, digest, behaviour: parseBehaviour("crash-after=5s") });
});

test("what is not there, or cannot be pulled though it is listed, fails in the words of a container runtime", async () => {
  const pull = pullFrom(registry.store);
  await push("shop/cart", "1.0.0", "unpullable");
  for (const tag of ["1.0.0", "9.9.9"]) {
    const answer = await pull(`registry.shop.example/shop/cart:${tag}`);
    expect(answer.found ? "" : answer.message).toMatch(
      new RegExp(`failed to pull and unpack image "registry.shop.example/shop/cart:${tag}": .*manifest unknown`),
    );
  }
});
