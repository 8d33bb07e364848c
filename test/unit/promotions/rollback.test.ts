import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { PromotionView, WhyView } from "../../../src/model/views.ts";
import { until } from "../../support/until.ts";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

async function start(stages: string, environments: readonly string[] = ["dev"]): Promise<void> {
  world = await startWorld({
    environments,
    stages,
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0"] },
  });
  await until("1.0.0 verified", async () =>
    (await world.call<{ events: { type: string }[] }>("GET", "/events")).events.some(
      (event) => event.type === "workload.verified",
    ),
  );
}
async function latest(state: string): Promise<PromotionView> {
  const id = await until(`a promotion ${state}`, async () => {
    const { items } = await world.call<{ items: { promotion: { id: string; state: string } }[] }>("GET", "/promotions");
    return items[0]?.promotion.state === state && items[0].promotion.id;
  });
  return world.promotion(id);
}
const inDev = (tag: string) => until(`${tag} in dev`, () => world.file("clusters/dev/web.yaml").includes(`web:${tag}`));
const why = async () =>
  (await world.call<{ answers: WhyView[] }>("GET", "/why?place=dev&workload=web")).answers[0]?.why.text ?? "";

test("a rollback restores what was there, automation does not put it back, a newer fix flows, and a person may lift it", async () => {
  await start("[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]");
  world.agent.behave = (workload) => (workload.containers[0]?.image.endsWith(":1.1.0") ? "failed" : "healthy");
  await world.push("web", "1.1.0");
  const bad = await latest("failed");
  const answer = (await world.call<{ answers: WhyView[] }>("GET", "/why?place=dev&workload=web")).answers[0]!.why;
  expect(answer.text).toMatch(/^1\.1\.0.* failed: /);
  expect(answer.next).toContain(`sluice rollback ${bad.promotion.id}, or push a fix`);
  const back = await world.call<PromotionView>("POST", `/promotions/${bad.promotion.id}/rollback`, {
    message: "it crashes",
  });
  await world.ended(back.promotion.id);
  await inDev("1.0.0");
  expect((await world.promotion(bad.promotion.id)).promotion.state).toBe("rolled back");
  expect(world.messages()[0]).toMatch(/Sluice-Holds: dev shop:deployment\/web web 1.1.0@sha256:\w+ it crashes/);
  await expect(world.call("POST", `/promotions/${bad.promotion.id}/rollback`, {})).rejects.toThrow(
    `409 ${bad.promotion.id} is rolled back by ${back.promotion.id} already`,
  );

  const commits = world.messages().length;
  await world.agent.reportAll();
  await until("the hold to be told", async () => (await why()).includes("it crashes"));
  expect(world.messages()).toHaveLength(commits);

  // The hold is in Git: a server that lost its database knows it again.
  await world.restart();
  expect(await why()).toContain("it crashes");

  await world.push("web", "1.2.0");
  await inDev("1.2.0");
  await latest("succeeded");

  world.agent.behave = () => "healthy";
  const chosen = await world.promote({
    target: "dev",
    source: "registry",
    selection: [{ workload: "web", tag: "1.1.0" }],
  });
  expect((await world.ended(chosen.promotion.id)).promotion.state).toBe("succeeded");
  // It was chosen although a newer one was there, so automation does not bring that one again.
  expect(world.messages()[0]).toMatch(/Sluice-Holds: dev shop:deployment\/web web 1\.2\.0@/);
  await until("the hold to be told", async () => (await why()).includes("1.2.0 and older are held by"));
  await inDev("1.1.0");
});

test("a person who goes up again, but not to what was left, does not bring that back by it", async () => {
  await start("[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]");
  for (const tag of ["1.1.0", "1.2.0"]) {
    await world.push("web", tag);
    await inDev(tag);
    await latest("succeeded");
  }
  const choose = async (tag: string) => {
    const made = await world.promote({ target: "dev", source: "registry", selection: [{ workload: "web", tag }] });
    return (await world.ended(made.promotion.id)).promotion.state;
  };
  for (const tag of ["1.0.0", "1.1.0"]) {
    expect(await choose(tag)).toBe("succeeded");
    expect(world.messages()[0]).toMatch(/Sluice-Holds: dev shop:deployment\/web web 1\.2\.0@/);
  }
  await until("the hold to be told", async () => (await why()).includes("1.2.0 and older are held by"));
  await inDev("1.1.0");
  // Chosen by name it comes, and nothing is held any more.
  expect(await choose("1.2.0")).toBe("succeeded");
  expect(world.messages()[0]).toContain("Sluice-Lifts: ");
  expect(world.messages()[0]).not.toContain("Sluice-Holds: ");
});

test("what was taken back is not taken back again, also when the way back failed", async () => {
  await start("[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]");
  await world.push("web", "1.1.0");
  const done = await latest("succeeded");
  world.agent.behave = () => "failed";
  const back = await world.call<PromotionView>("POST", `/promotions/${done.promotion.id}/rollback`, {});
  expect((await world.ended(back.promotion.id)).promotion.state).toBe("failed");
  await expect(world.call("POST", `/promotions/${done.promotion.id}/rollback`, {})).rejects.toThrow(
    `409 ${done.promotion.id} was taken back by ${back.promotion.id} already`,
  );
});

test("what has been changed again since is not rolled back, and makes no record", async () => {
  await start("[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]");
  await world.push("web", "1.1.0");
  const first = await latest("succeeded");
  await world.push("web", "1.2.0");
  await inDev("1.2.0");
  await until("the second one to end", async () => (await latest("succeeded")).promotion.id !== first.promotion.id);
  await expect(world.call("POST", `/promotions/${first.promotion.id}/rollback`, {})).rejects.toThrow(
    `409 everything ${first.promotion.id} changed has been changed again since`,
  );
  const { items } = await world.call<{ items: unknown[] }>("GET", "/promotions");
  expect(items).toHaveLength(2);
});

test("holds are rebuilt from Git alone when the database is lost", async () => {
  await start("[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]");
  await world.push("web", "1.1.0");
  const done = await latest("succeeded");
  const back = await world.call<PromotionView>("POST", `/promotions/${done.promotion.id}/rollback`, {
    message: "slow",
  });
  await world.ended(back.promotion.id);
  const commits = world.messages().length;
  await world.stopServer();
  for (const file of ["sluice.db", "sluice.db-wal", "sluice.db-shm"]) rmSync(join(world.data, file), { force: true });
  rmSync(join(world.data, "git"), { recursive: true });
  await world.restart();
  await until("the hold", async () => (await why()).includes("slow"));
  expect(world.file("clusters/dev/web.yaml")).toContain("web:1.0.0");
  expect(world.messages()).toHaveLength(commits);
});

test("onFailure: rollback takes a failed release back by itself, once", async () => {
  await start(
    "[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic, onFailure: rollback }]",
  );
  world.agent.behave = (workload) => (workload.containers[0]?.image.endsWith(":1.1.0") ? "failed" : "healthy");
  await world.push("web", "1.1.0");
  const back = await latest("succeeded");
  expect(back.promotion.reverts).toBeDefined();
  await inDev("1.0.0");
  expect((await world.promotion(back.promotion.reverts!)).promotion.state).toBe("rolled back");
  expect(world.messages().filter((text) => text.includes("Sluice-Release: "))).toHaveLength(2);
});

test("a failed region stops the sequence, and what waits can be stopped by a person", async () => {
  await start("[{ name: prod, environments: [eu, us], order: sequence, from: [{ registry: {} }], promote: manual }]", [
    "eu",
    "us",
  ]);
  await world.push("web", "1.1.0");
  await until("1.1.0 known", async () => {
    const { containers } = await world.call<{ containers: { images: unknown[] }[] }>(
      "GET",
      `/images?workload=${encodeURIComponent("shop:deployment/web")}`,
    );
    return containers[0]?.images.length === 2;
  });
  world.agent.behave = () => "rolling out";
  const { promotion } = await world.promote({ target: "prod" });
  await until("eu rolling out", async () => {
    const [eu] = (await world.promotion(promotion.id)).releases;
    return "step" in eu!.state && eu!.state.step === "rolling out";
  });
  await world.call("POST", `/promotions/${promotion.id}/abort`);
  const stopped = await world.promotion(promotion.id);
  expect(stopped.releases[1]!.state).toEqual({ end: "aborted", reason: "stopped by ana" });

  world.agent.behave = () => "failed";
  await world.agent.reportAll();
  expect((await world.ended(promotion.id)).promotion.state).toBe("failed");

  // Asked again, eu has nothing to change but is not verified: us has to wait for it.
  const again = (await world.promote({ target: "prod" })).promotion;
  await until("us queued", async () => {
    const us = (await world.promotion(again.id)).releases[1]!;
    return "step" in us.state && us.state.step === "queued";
  });
  expect(world.file("clusters/us/web.yaml")).toContain("web:1.0.0");
  world.agent.behave = () => "healthy";
  await world.agent.reportAll();
  expect((await world.ended(again.id)).promotion.state).toBe("succeeded");
  expect(world.file("clusters/us/web.yaml")).toContain("web:1.1.0");
});
