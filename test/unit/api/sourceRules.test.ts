import { afterEach, expect, test } from "vitest";
import type { PlanView } from "../../../src/model/views.ts";
import { FluxCalls } from "../../support/flux.ts";
import { until } from "../../support/until.ts";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

const stages = `[{ name: dev, environments: [dev], from: [{ registry: {} }] },
    { name: prod, environments: [prod], from: [{ stage: dev }], fromOnly: true }]`;
const rule = "stage prod takes versions only from dev (fromOnly: true in pipeline shop)";
const web = "shop:deployment/web";

test("a stage that takes versions from its sources only does so for every client, by whatever name one calls it", async () => {
  world = await startWorld({
    environments: ["dev", "prod"],
    stages,
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0", "1.1.0"] },
  });
  const plan = (body: object) => world.call<PlanView>("POST", "/plans", body);
  const named = { selection: [{ workload: "web" }] };
  await until("the newer image for dev", async () => {
    const { plans } = await plan({ target: "dev", source: "registry" });
    return plans[0]!.items[0]?.status === "change";
  });
  const before = world.messages();

  // The stage refuses as a whole; of an environment only what the stage moves is refused.
  await expect(
    plan({ target: { kind: "stage", pipeline: "shop", stage: "prod" }, source: "registry" }),
  ).rejects.toThrow(`422 ${rule}`);
  const environment = { kind: "environment", environment: "prod" };
  const [direct] = (await plan({ target: environment, source: "registry" })).plans;
  expect(direct!.items).toMatchObject([
    { workload: web, status: "refused", reason: "other_source", text: rule, who: "whoever edits pipeline shop" },
  ]);
  expect(direct!.items[0]).not.toHaveProperty("to");
  for (const force of [false, true])
    await expect(
      world.promote({ target: environment, source: "registry", force, message: "now", ...named }),
    ).rejects.toThrow(`422 ${web} in prod: ${rule}`);

  const flux = new FluxCalls(world.url, "prod");
  const spec = { ImageSpec: "<all latest>", Kind: "execute", Excludes: null, Force: false };
  const released = await flux.ended(await flux.update("image", { ...spec, ServiceSpecs: [web] }));
  expect(released).toMatchObject({
    StatusString: "failed",
    Err: `${web}: ${rule}; whoever edits pipeline shop can lift it`,
  });
  const all = await flux.ended(await flux.update("image", { ...spec, ServiceSpecs: ["<all>"] }));
  expect(all.Result).toEqual({ result: { [web]: { Status: "failed", Error: `web: ${rule}`, PerContainer: null } } });
  const picked = { [web]: [{ Container: "web", Current: "", Target: "registry.shop.example/shop/web:1.1.0" }] };
  const single = { Kind: "execute", ContainerSpecs: picked, SkipMismatches: false, Force: true };
  const forced = await flux.ended(await flux.update("containers", single, { Message: "now", User: "Ada" }));
  expect(forced.Err).toContain(rule);
  expect(world.messages()).toEqual(before);

  // From its source it goes, by the stage's name and by the environment's.
  for (const target of ["prod", environment])
    expect((await plan({ target, source: { kind: "stage", stage: "dev", pipeline: "shop" } })).plans).toHaveLength(1);
});

test("an environment that no strict stage delivers to takes any source, and an empty selection is no promotion", async () => {
  world = await startWorld({
    environments: ["dev"],
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0"] },
  });
  await expect(world.promote({ target: "dev", selection: [] })).rejects.toThrow("400 selection");
  await expect(world.promote({ target: "dev", selection: [{ workload: "w".repeat(5_000) }] })).rejects.toThrow(
    /^404 there is no workload "w{200}\.\.\." in dev$/,
  );
});
