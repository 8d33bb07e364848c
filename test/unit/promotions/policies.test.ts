import { afterEach, expect, test } from "vitest";
import type { PlanView, PromotionView } from "../../../src/model/views.ts";
import { until } from "../../support/until.ts";
import { deployment, startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

const path = (name: string) => `clusters/dev/${name}.yaml`;
/** A manifest with policies, in Flux's words. */
function governed(name: string, tag: string, policies: Readonly<Record<string, string>>): string {
  const annotations = Object.entries(policies).map(([key, value]) => `fluxcd.io/${key}: ${JSON.stringify(value)}`);
  return deployment(name, { [name]: tag }).replace(
    "namespace: shop }",
    `namespace: shop, annotations: { ${annotations.join(", ")} } }`,
  );
}
const plan = (request: object = {}) =>
  world.call<PlanView>("POST", "/plans", { target: "dev", source: "registry", ...request });
const item = async (container: string, request?: object) =>
  (await plan(request)).plans[0]!.items.find((entry) => entry.container === container);
const releases = () => world.messages().filter((text) => text.includes("Sluice-Release: "));
async function takenUp(commit: string): Promise<void> {
  await until("the commit taken up", async () => (await plan()).plans[0]!.commit === commit);
}

test("several updates that wait at once become one commit", async () => {
  const names = ["web", "api", "cart"];
  world = await startWorld({
    environments: ["dev"],
    workloads: Object.fromEntries(names.map((name) => [name, { [name]: "1.0.0" }])),
    images: Object.fromEntries(names.map((name) => [name, ["1.0.0", "1.1.0"]])),
  });
  for (const name of names) await until(`${name}'s images`, async () => (await item(name))?.status === "change");
  world.commit(
    Object.fromEntries(names.map((name) => [path(name), governed(name, "1.0.0", { automated: "true" })])),
    "Automate all",
  );
  await until("the last one", () => world.file(path("cart")).includes("cart:1.1.0"));
  await until("all the others", () => names.every((name) => world.file(path(name)).includes(`${name}:1.1.0`)));
  expect(releases()).toHaveLength(1);
  expect(releases()[0]!.match(/^Sluice-Image: /gm)).toHaveLength(3);
});

test("a lock is broken only for what is named and with a reason, and everybody can see it was", async () => {
  world = await startWorld({
    environments: ["dev"],
    workloads: { web: { web: "1.0.0" }, api: { api: "1.0.0" } },
    images: { web: ["1.0.0", "1.1.0"], api: ["1.0.0", "1.1.0"] },
  });
  await takenUp(
    world.commit(
      { [path("web")]: governed("web", "1.0.0", { locked: "true", locked_user: "Bea", locked_msg: "sale week" }) },
      "Lock web",
    ),
  );
  await until(
    "its images",
    async () => (await item("web", { selection: [{ workload: "web" }], force: true }))?.status === "change",
  );
  expect(await item("web", { force: true })).toMatchObject({ status: "refused", reason: "locked" });
  const forced = { target: "dev", source: "registry", selection: [{ workload: "web" }], force: true };
  await expect(world.promote({ ...forced, force: false })).rejects.toThrow(/^422 .*locked by Bea: "sale week"/);
  await expect(world.promote(forced)).rejects.toThrow(
    /^400 give a reason: shop:deployment\/web: forced: locked by Bea/,
  );
  const view: PromotionView = await world.promote({ ...forced, message: "orders are lost" });
  expect(view.promotion.forced).toBe(true);
  expect(view.events.map((event) => event.text).join("\n")).toContain("forced past locked");
  await until("the commit", () => world.file(path("web")).includes("web:1.1.0"));
  expect(releases()[0]).toMatch(/\n\norders are lost\n\n[\s\S]*^Sluice-Forced: shop:deployment\/web web locked$/m);
  const plain = await world.promote({
    target: "dev",
    source: "registry",
    selection: [{ workload: "api" }],
    force: true,
  });
  expect(plain.promotion).not.toHaveProperty("forced");
});

test("one image moves what uses it, and what is excluded stays", async () => {
  world = await startWorld({
    environments: ["dev"],
    workloads: { one: { web: "1.0.0" }, two: { web: "1.0.0" }, api: { api: "1.0.0" } },
    images: { web: ["1.0.0", "1.1.0", "1.2.0"], api: ["1.0.0", "1.1.0"] },
  });
  await until("the images", async () => (await item("web"))?.status === "change");
  const image = "registry.shop.example/shop/web:1.1.0";
  const request = { target: "dev", image, exclude: ["two"] };
  const { plans } = await world.call<PlanView>("POST", "/plans", request);
  expect(plans[0]!.items.map((entry) => [entry.workload, entry.status])).toEqual([["shop:deployment/one", "change"]]);
  await world.promote(request);
  await until("the commit", () => world.file(path("one")).includes("web:1.1.0"));
  expect(world.file(path("two"))).toContain("web:1.0.0");
  const nothing = { target: "dev", image: "registry.shop.example/shop/none:1" };
  await expect(world.promote(nothing)).rejects.toThrow(/^404 nothing that was chosen uses registry/);
  await expect(world.promote({ target: "dev", image: "web" })).rejects.toThrow(/^400 "web" is no image with a tag/);
  const seen = { workload: "one", container: "web", tag: "1.2.0", from: "registry.shop.example/shop/web:1.0.0" };
  await expect(world.promote({ target: "dev", source: "registry", selection: [seen] })).rejects.toThrow(
    /^422 .*Git names registry\.shop\.example\/shop\/web:1\.1\.0 now/,
  );
});

test("automation waits when a registry loses most of its tags, until a person takes something from it", async () => {
  const tags = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0"];
  world = await startWorld({
    environments: ["dev"],
    workloads: { web: { web: "1.0.0" }, api: { web: "1.0.0" } },
    images: { web: tags },
  });
  await until("the images", async () => (await item("web"))?.toVersion?.tag === "1.6.0");
  const registry = /endpoint: "([^"]+)"/.exec(world.file("sluice/settings.yaml"))![1]!;
  for (const tag of tags.slice(2)) await fetch(`${registry}/v2/shop/web/manifests/${tag}`, { method: "DELETE" });
  // A push is what makes the server look again.
  await world.push("web", "0.9.0");
  await until("the suspicion", async () => (await item("web"))?.text?.includes("listed 7 tags and lists only 2"));
  await takenUp(
    world.commit({ [path("web")]: governed("web", "1.0.0", { automated: "true", "tag.web": "semver:*" }) }, "Automate"),
  );
  const { items } = await world.call<{ items: unknown[] }>("GET", "/promotions");
  expect(items).toEqual([]);
  const { promotion } = await world.promote({
    target: "dev",
    source: "registry",
    selection: [{ workload: "api", tag: "1.1.0" }],
  });
  await until("what automation takes now", () => world.file(path("web")).includes("web:1.1.0"));
  expect(promotion.by.name).toBe("ana");
});
