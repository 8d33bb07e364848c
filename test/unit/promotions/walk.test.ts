import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { MatrixView } from "../../../src/model/views.ts";
import { commitFiles } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { deployment, startWorld, type World, type WorldOptions } from "../../support/world.ts";

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

test("an environment that is taken out of the configuration ends its release with that reason", async () => {
  await start({
    environments: ["dev", "other"],
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0", "1.1.0"] },
  });
  world.agent.behave = () => "rolling out";
  await until("the catalogue", async () => {
    const { plans } = await world.call<{ plans: { items: { status: string }[] }[] }>("POST", "/plans", {
      target: "dev",
    });
    return plans[0]?.items[0]?.status === "change";
  });
  const { promotion } = await world.promote({ target: "dev" });
  await until("written", () => world.file("clusters/dev/web.yaml").includes("web:1.1.0"));
  world.commit({ "sluice/dev.yaml": null }, "No dev any more");
  const view = await world.ended(promotion.id);
  expect(view.releases[0]!.state).toMatchObject({
    end: "aborted",
    reason: "environment dev is not in the configuration any more",
  });
});

test("a commit that an agent saw before the server is fetched then, and what runs by it is verified", async () => {
  await start({ environments: ["dev"], workloads: { web: { web: "1.0.0" } }, images: { web: ["1.0.0"] } });
  // Nobody tells the server of this push.
  const commit = commitFiles(world.clone, { "clusters/dev/web.yaml": deployment("web", { web: "0.9.0" }) }, "By hand");
  await world.agent.reportAll();
  await until("0.9.0 verified", async () => {
    const { events } = await world.call<{ events: { text: string; commit?: string }[] }>("GET", "/events");
    return events.some((event) => event.text.includes("web 0.9.0 is verified in dev") && event.commit === commit);
  });
});

test("an agent that dies is unknown since then, never healthy, and recovers", async () => {
  await start({ environments: ["dev"], workloads: { web: { web: "1.0.0" } }, images: { web: ["1.0.0"] } });
  const cell = async () => {
    const { rows } = await world.call<MatrixView>("GET", "/matrix");
    return rows[0]?.cells.dev;
  };
  await until("healthy", async () => (await cell())?.verdict.state === "healthy");
  await world.agent.stop();
  const away = await until("unknown", async () => {
    const now = await cell();
    return now?.verdict.state === "unknown" && now;
  });
  expect(away.verdict.message).toBe("the agent is away");
  expect(away.verdict.since).toBeGreaterThan(0);
  expect(away.lastKnown?.state).toBe("healthy");
  const again = world.newAgent();
  await again.connect();
  await until("healthy again", async () => (await cell())?.verdict.state === "healthy");
  await again.stop();
});

test("a server that stops while agents report and work is done leaves nothing to complain about", async () => {
  const complaints: string[] = [];
  const note = (message: string, facts: object = {}) => void complaints.push(`${message} ${JSON.stringify(facts)}`);
  await start({
    environments: ["dev"],
    stages: "[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]",
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0"] },
    log: { info() {}, warn: note, error: note },
  });
  for (let turn = 1; turn <= 3; turn++) {
    await world.push("web", `1.${turn}.0`);
    void world.agent.reportAll();
    await world.restart();
  }
  await until("the newest version", () => world.file("clusters/dev/web.yaml").includes("web:1.3.0"));
  expect(complaints).toEqual([]);
  expect(world.messages().filter((text) => text.includes("Sluice-Release: ")).length).toBeLessThanOrEqual(3);
});

test("a branch that refuses our push is told with Git's reason, and the release goes on when it may", async () => {
  await start({ environments: ["dev"], workloads: { web: { web: "1.0.0" } }, images: { web: ["1.0.0", "1.1.0"] } });
  await until("the catalogue", async () => {
    const { plans } = await world.call<{ plans: { items: { status: string }[] }[] }>("POST", "/plans", {
      target: "dev",
    });
    return plans[0]?.items[0]?.status === "change";
  });
  const hook = join(world.bare, "hooks/pre-receive");
  writeFileSync(hook, "#!/bin/sh\necho the branch is protected >&2\nexit 1\n", { mode: 0o755 });
  const { promotion } = await world.promote({ target: "dev" });
  const told = await until("the reason", async () =>
    (await world.promotion(promotion.id)).events.find((event) => event.type === "release.trouble"),
  );
  expect(told.text).toContain("the branch is protected");
  await expect(world.call("POST", `/promotions/${promotion.id}/abort`)).rejects.toThrow(
    "is being written at this moment",
  );
  rmSync(hook);
  expect((await world.ended(promotion.id)).promotion.state).toBe("succeeded");
  expect(world.messages().filter((text) => text.includes(`Sluice-Release: ${promotion.id}/dev`))).toHaveLength(1);
});
