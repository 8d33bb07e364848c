import { afterEach, expect, test } from "vitest";
import { until } from "../../support/until.ts";
import { startWorld, type World, type WorldOptions } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());
async function start(options: WorldOptions): Promise<World> {
  world = await startWorld(options);
  return world;
}

const three = `
    - { name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }
    - { name: prod, environments: [prod-eu, prod-us], order: sequence, from: [{ stage: dev }], promote: manual }`;

test("a push becomes one commit in dev, and a promotion one commit a region, the second when the first is verified", async () => {
  await start({
    environments: ["dev", "prod-eu", "prod-us"],
    stages: three,
    workloads: { web: { web: "1.0.0" }, api: { api: "1.0.0", proxy: "1.0.0" } },
    images: { web: ["1.0.0"], api: ["1.0.0"], proxy: ["1.0.0"] },
  });
  await world.push("web", "1.1.0");
  await until("1.1.0 in dev", () => world.file("clusters/dev/web.yaml").includes("web:1.1.0"));
  await until("dev verified", async () => {
    const [one] = (await world.call<{ items: { promotion: { state: string } }[] }>("GET", "/promotions")).items;
    return one?.promotion.state === "succeeded";
  });
  world.agent.behave = (_workload, environment) => (environment === "prod-eu" ? "rolling out" : "healthy");
  const { promotion } = await world.promote({ target: "prod", message: "Friday's version" });
  await until("prod-eu written", () => world.file("clusters/prod-eu/web.yaml").includes("web:1.1.0"));
  await until("prod-eu rolling out", async () => {
    const { releases } = await world.promotion(promotion.id);
    return "step" in releases[0]!.state && releases[0]!.state.step === "rolling out";
  });
  expect(world.file("clusters/prod-us/web.yaml")).toContain("web:1.0.0");
  world.agent.behave = () => "healthy";
  await world.agent.reportAll();
  const view = await world.ended(promotion.id);
  expect(view.promotion.state).toBe("succeeded");
  expect(world.file("clusters/prod-us/web.yaml")).toContain(
    'image: "registry.shop.example/shop/web:1.1.0" } # keep me',
  );
  const messages = world.messages();
  expect(messages).toHaveLength(4);
  expect(messages[0]).toContain(`Sluice-Release: ${promotion.id}/prod-us`);
  expect(messages[0]).toContain("Friday's version");
  expect(messages[0]).toContain("Sluice-Author: ana");
  expect(messages[0]).toMatch(
    /Sluice-Image: shop:deployment\/web web registry.shop.example\/shop\/web:1.0.0 -> registry.shop.example\/shop\/web:1.1.0@sha256:/,
  );
  const again = await world.promote({ target: "prod" });
  expect(again.promotion.state).toBe("nothing to do");
  expect(world.messages()).toHaveLength(4);
});
