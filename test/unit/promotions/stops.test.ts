import { afterEach, expect, test } from "vitest";
import { SluiceError } from "../../../src/errors.ts";
import { stateWord } from "../../../src/model/release.ts";
import type { MatrixView, WhyView } from "../../../src/model/views.ts";
import { until } from "../../support/until.ts";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

type List = { items: { promotion: { id: string; state: string }; releases: { id: string }[] }[] };
const list = async () => (await world.call<List>("GET", "/promotions")).items;
const why = async () =>
  (await world.call<{ answers: WhyView[] }>("GET", "/why?place=us&workload=web")).answers[0]?.why.text ?? "";
const holds = () => world.messages().filter((text) => text.includes("Sluice-Holds: "));
/** Holds of us that the server has read from commits. */
const heldInGit = async () => (await world.call<MatrixView>("GET", "/matrix")).rows[0]!.cells.us!.holds;

/** An automatic stage of two regions, one after the other; 1.1.0 rolls out in the first, and the second waits. */
async function startWaiting(reached = (_: string) => {}): Promise<string> {
  world = await startWorld({
    environments: ["eu", "us"],
    stages: "[{ name: prod, environments: [eu, us], order: sequence, from: [{ registry: {} }], promote: automatic }]",
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0"] },
    reached,
  });
  world.agent.behave = (workload) => (workload.containers[0]?.image.endsWith(":1.1.0") ? "rolling out" : "healthy");
  await world.push("web", "1.1.0");
  return until("eu rolling out and us queued", async () => {
    const [first] = await list();
    if (first === undefined) return undefined;
    const [eu, us] = (await world.promotion(first.promotion.id)).releases.map((release) => stateWord(release.state));
    return eu === "rolling out" && us === "queued" && first.promotion.id;
  });
}

test("automation does not plan again what a person stopped; a newer version flows, and the hold is in Git", async () => {
  const id = await startWaiting();
  await world.call("POST", `/promotions/${id}/abort`);
  // The hold counts from the moment of the answer on, whether its commit is written yet or not.
  expect(await why()).toContain("stopped by ana");
  await until("the hold's commit", () => holds().length === 1);
  expect(holds()[0]).toMatch(/^Hold web 1\.1\.0 back from us\n/);
  expect(holds()[0]).toMatch(
    /Sluice-Holds: us shop:deployment\/web web 1\.1\.0@sha256:\w+ stopped by ana: r-\w+\/us\n/,
  );
  world.agent.behave = () => "healthy";
  await world.agent.reportAll();
  await world.ended(id);
  await world.restart();
  await until("the agent to be back", async () => (await why()).includes("stopped by ana"));
  expect(await list()).toHaveLength(1);
  expect(world.file("clusters/us/web.yaml")).toContain("web:1.0.0");

  await world.push("web", "1.2.0");
  await until("1.2.0 in us", () => world.file("clusters/us/web.yaml").includes("web:1.2.0"));
  expect(holds()).toHaveLength(1);
});

test("a hold whose push was not seen to end is found in Git and not written again", async () => {
  let broken = 0;
  const id = await startWaiting((point) => {
    if (point !== "commit pushed" || holds().length === 0 || broken++ > 0) return;
    throw new SluiceError("git_failed", "the connection broke");
  });
  await world.call("POST", `/promotions/${id}/abort`);
  await until("the hold taken up", async () => (await heldInGit()).length === 1);
  expect(broken).toBe(1);
  expect(holds()).toHaveLength(1);
});

test("a person's promote lifts what a person stopped", async () => {
  const id = await startWaiting();
  await world.call("POST", `/promotions/${id}/abort`);
  await until("the hold's commit", () => holds().length === 1);
  world.agent.behave = () => "healthy";
  await until("the hold taken up", async () => (await why()).includes("stopped by ana"));
  const { promotion } = await world.promote({ target: "us", source: "registry" });
  expect((await world.ended(promotion.id)).promotion.state).toBe("succeeded");
  expect(world.messages()[0]).toContain("Sluice-Lifts: us shop:deployment/web web");
});

test("a rolled-back version does not go on to the region that never had its turn", async () => {
  const id = await startWaiting();
  await world.call("POST", `/promotions/${id}/rollback`, { message: "it crashes" });
  await until("the hold for us", () => holds().some((text) => text.includes("Sluice-Holds: us ")));
  world.agent.behave = () => "healthy";
  await world.agent.reportAll();
  await until("eu back", () => world.file("clusters/eu/web.yaml").includes("web:1.0.0"));
  await until("the rollback to end", async () =>
    (await list()).every(({ promotion }) => promotion.state !== "under way"),
  );
  expect(await list()).toHaveLength(2);
  expect(world.file("clusters/us/web.yaml")).toContain("web:1.0.0");
});

test("what a person promoted and stopped is not held", async () => {
  world = await startWorld({
    environments: ["eu", "us"],
    stages: "[{ name: prod, environments: [eu, us], order: sequence, from: [{ registry: {} }], promote: manual }]",
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0", "1.1.0"] },
  });
  world.agent.behave = () => "rolling out";
  await until("1.1.0 planned", async () => (await why()).includes("1.1.0 waits"));
  const { promotion } = await world.promote({ target: "prod" });
  await until("us queued", async () => {
    const { releases } = await world.promotion(promotion.id);
    return stateWord(releases[1]!.state) === "queued";
  });
  await world.call("POST", `/promotions/${promotion.id}/abort`);
  expect(await why()).toContain("1.1.0 waits");
  expect(holds()).toEqual([]);
});

test("a lock that comes while a release waits for its turn keeps it from being written, and says so", async () => {
  const id = await startWaiting();
  const add = { locked: "true", locked_user: "ops", locked_msg: "audit" };
  await world.call("POST", "/policy-changes", { target: "us", updates: [{ workload: "web", add }] });
  world.agent.behave = () => "healthy";
  await world.agent.reportAll();
  const view = await world.ended(id);
  const us = view.releases.find((release) => release.environment === "us")!;
  expect(us.state).toMatchObject({ end: "failed", reason: expect.stringContaining('locked by ops: "audit"') });
  expect(view.releases.find((release) => release.environment === "eu")!.state).toMatchObject({ end: "succeeded" });
  expect(world.file("clusters/us/web.yaml")).toContain("web:1.0.0");
  expect(await why()).toContain("locked by ops");
});
