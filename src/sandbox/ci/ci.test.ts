import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../../test/support/repository.ts";
import { systemClock } from "../../model/ports/clock.ts";
import { silentLog } from "../../model/ports/log.ts";
import { createRegistryClient } from "../../registry/client.ts";
import { behaviourLabel } from "../kubelet/behaviour.ts";
import { startRegistry } from "../registry/server.ts";
import { Ci } from "./ci.ts";

const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

async function startCi() {
  const folder = temporaryFolder();
  stops.push(folder.remove);
  const registry = await startRegistry({});
  stops.push(registry.close);
  const gitFolder = join(folder.path, "git");
  const options = {
    gitFolder,
    gitUrl: "http://git.example",
    registry: registry.url,
    tags: (repository: string) => registry.store.tags(repository) ?? [],
    stateFile: join(folder.path, "ci.json"),
    clock: systemClock,
    log: silentLog,
  };
  return { folder: folder.path, gitFolder, registry, options, ci: new Ci(options) };
}

test("every commit a person pushes becomes an image whose labels lead back to the commit", async () => {
  const { folder, gitFolder, registry, ci } = await startCi();
  makeRepository(join(gitFolder, "shop/cart.git"), { VERSION: "1.8\n" });
  makeRepository(join(gitFolder, "shop/config.git"), { "README.md": "no service\n" });
  await ci.start();
  expect(registry.store.tags("shop/cart")).toEqual(["1.8.0"]);
  const clone = join(folder, "clone");
  git(folder, "clone", "--quiet", join(gitFolder, "shop/cart.git"), clone);
  git(clone, "commit", "--quiet", "--allow-empty", "-m", "Improve the cart");
  const head = commitFiles(clone, { BEHAVIOUR: "crash\n", VERSION: "1.9\n" }, "Improve it more");
  expect((await ci.pushed("shop/cart.git")).map((build) => build.version)).toEqual(["1.8.1", "1.9.0"]);
  expect(await ci.pushed("shop/cart.git")).toEqual([]);
  const client = createRegistryClient(() => registry.url);
  stops.push(() => client.close());
  expect((await client.metadata("registry.shop.example/shop/cart", "1.9.0")).labels).toMatchObject({
    "org.opencontainers.image.source": "http://git.example/shop/cart.git",
    "org.opencontainers.image.revision": head,
    "org.opencontainers.image.version": "1.9.0",
    [behaviourLabel]: "crash",
  });
  expect(registry.store.tags("shop/config")).toBeUndefined();
});

test("what was pushed while CI was away is built when it comes back, and nothing twice", async () => {
  const { gitFolder, folder, registry, options, ci } = await startCi();
  makeRepository(join(gitFolder, "shop/cart.git"), { VERSION: "1.8\n" });
  await ci.start();
  git(folder, "clone", "--quiet", join(gitFolder, "shop/cart.git"), "clone");
  commitFiles(join(folder, "clone"), { a: "a" }, "Improve a");
  await new Ci(options).start();
  await new Ci(options).start();
  expect(registry.store.tags("shop/cart")).toEqual(["1.8.0", "1.8.1"]);
});
