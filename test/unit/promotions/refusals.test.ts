import { afterEach, expect, test } from "vitest";
import type { PlanView, PromotionView } from "../../../src/model/views.ts";
import { until } from "../../support/until.ts";
import { deployment, startWorld, type World, type WorldOptions } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

const start = async (options: Partial<WorldOptions>) => {
  world = await startWorld({
    environments: ["dev"],
    workloads: { web: { web: "1.0.0" }, api: { api: "1.0.0" } },
    images: { web: ["1.0.0"], api: ["1.0.0"] },
    ...options,
  });
};
/** A manifest whose image is a YAML alias, which no edit in place can change. */
const aliased = deployment("web", { web: "1.0.0" })
  .replace(
    "namespace: shop }",
    'namespace: shop, annotations: { was: &image "registry.shop.example/shop/web:1.0.0" } }',
  )
  .replace(/image: "[^"]+"/, "image: *image");
const plan = () => world.call<PlanView>("POST", "/plans", { target: "dev", source: "registry" });
const statuses = async () =>
  Object.fromEntries((await plan()).plans[0]!.items.map((item) => [item.container, item.reason ?? item.status]));
const releases = () => world.messages().filter((text) => text.includes("Sluice-Release: "));

test("a container whose file cannot be edited in place is refused before, and automation moves the others once", async () => {
  await start({
    stages: "[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]",
  });
  const commit = world.commit({ "clusters/dev/web.yaml": aliased }, "Share the image");
  await until("the commit taken up", async () => (await plan()).plans[0]!.commit === commit);
  await world.push("web", "1.1.0");
  await world.push("api", "1.1.0");
  await until("the other one in dev", () => world.file("clusters/dev/api.yaml").includes("api:1.1.0"));
  await until("web refused", async () => (await statuses()).web === "not_editable");
  const item = (await plan()).plans[0]!.items.find(({ container }) => container === "web")!;
  expect(item).toMatchObject({ status: "refused", who: "whoever edits that file" });
  expect(item.text).toMatch(/^clusters\/dev\/web\.yaml line \d+: .*YAML alias/);
  await world.agent.reportAll();
  const { items } = await world.call<{ items: { promotion: { id: string } }[] }>("GET", "/promotions");
  expect(items).toHaveLength(1);
  expect((await world.ended(items[0]!.promotion.id)).promotion.state).toBe("succeeded");
  expect(releases()).toHaveLength(1);
});

test("a file that breaks while a release is written fails its own containers with the reason; the others go on", async () => {
  let broken = false;
  await start({
    images: { web: ["1.0.0", "1.1.0"], api: ["1.0.0", "1.1.0"] },
    // Somebody is faster than our push, and breaks a file.
    reached(point) {
      if (point !== "commit made" || broken) return;
      broken = true;
      world.commit({ "clusters/dev/web.yaml": "kind: [unclosed\n" }, "Break web");
    },
  });
  await until("both planned", async () => Object.values(await statuses()).every((status) => status === "change"));
  const { promotion } = await world.promote({ target: "dev", source: "registry" });
  const done = await world.ended(promotion.id);
  const changes = Object.fromEntries(done.releases[0]!.changes.map((change) => [change.container, change.outcome]));
  expect(changes.api?.kind).toBe("verified");
  expect(changes.web).toMatchObject({ kind: "failed", unwritten: true });
  expect(done.promotion.state).toBe("failed");
  expect(done.why?.text).toMatch(/clusters\/dev\/web\.yaml line \d+/);
  expect(world.file("clusters/dev/api.yaml")).toContain("api:1.1.0");
  expect(world.messages()[0]).not.toContain("web:1.1.0");
  // What is taken back is what was written.
  const back = await world.call<PromotionView>("POST", `/promotions/${promotion.id}/rollback`, {});
  expect(back.releases[0]!.changes.map(({ container }) => container)).toEqual(["api"]);
});
