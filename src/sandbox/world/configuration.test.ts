import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { git, temporaryFolder } from "../../../test/support/repository.ts";
import { startRegistry } from "../registry/server.ts";
import { readShopWorld } from "../shop/shop.ts";
import { WorldConfiguration } from "./configuration.ts";
import { plantWorld } from "./plant.ts";
import { configurationPath } from "./seed.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

test("a world is planted once, with images that name real commits; a later run only writes its addresses anew", async () => {
  const folder = temporaryFolder();
  const registry = await startRegistry({});
  stops.push(folder.remove, registry.close);
  const addresses = { git: "http://127.0.0.1:1", registry: registry.url };
  const built = await plantWorld(await readShopWorld(), folder.path, addresses, Date.now());
  const cart = join(folder.path, "shop/cart.git");
  expect(built["shop/cart"]).toBe(git(cart, "rev-parse", "main").trim());
  expect(registry.store.tags("shop/cart")).toEqual(["main-40", "main-41", "main-42"]);
  const configuration = new WorldConfiguration(folder.path);
  expect((await configuration.workloads("prod-eu")).length).toBeGreaterThanOrEqual(8);
  const now = { git: "http://127.0.0.1:2", registry: "http://127.0.0.1:3" };
  await configuration.moveTo(addresses, now, Date.now());
  const bare = join(folder.path, `${configurationPath}.git`);
  const changed = git(bare, "show", "--name-only", "--format=%s", "main").trim().split("\n");
  expect(changed).toEqual([
    "Name this run's addresses",
    "",
    "README.md",
    "sluice/environments.yaml",
    "sluice/registries.yaml",
  ]);
  expect(git(bare, "show", "main:sluice/environments.yaml")).not.toContain(addresses.git);
  const head = git(bare, "rev-parse", "main");
  await configuration.moveTo(now, now, Date.now());
  expect(git(bare, "rev-parse", "main")).toBe(head);
});
