import { afterEach, expect, test } from "vitest";
import type { PromotionView } from "../../../src/model/views.ts";
import { until } from "../../support/until.ts";
import { deployment, startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

const id = (name: string) => `shop:deployment/${name}`;
function outcomes(view: PromotionView): Record<string, string> {
  return Object.fromEntries(
    view.releases.flatMap((release) =>
      release.changes.map((change) => [
        change.container,
        change.outcome.kind === "superseded" ? `superseded by ${change.outcome.by}` : change.outcome.kind,
      ]),
    ),
  );
}
/** `Sluice-Image` trailers by release: container -> [from tag, to tag]. */
function written(messages: readonly string[], release: string): Record<string, string[]> {
  const message = messages.find((text) => text.includes(`Sluice-Release: ${release}\n`)) ?? "";
  return Object.fromEntries(
    [...message.matchAll(/^Sluice-Image: \S+ (\S+) \S+:(\S+) -> \S+\/\w+:([^@\s]+)/gm)].map((match) => [
      match[1]!,
      [match[2]!, match[3]!],
    ]),
  );
}

test("two people promote overlapping sets while a third pushes by hand: nothing is lost and every record is true", async () => {
  let byHand = 0;
  world = await startWorld({
    environments: ["prod"],
    workloads: { a: { a: "1.0.0" }, b: { b: "1.0.0" }, c: { c: "1.0.0" } },
    images: { a: ["1.0.0", "1.1.0"], b: ["1.0.0", "1.1.0", "1.2.0"], c: ["1.0.0", "1.2.0"] },
    // The third is faster than the first push: between our commit and its way to the branch.
    reached(point) {
      if (point !== "commit made" || byHand > 0) return;
      byHand++;
      world.commit({ "clusters/prod/d.yaml": deployment("d", { d: "3.0.0" }) }, "Add d by hand");
    },
  });
  // Nobody reports, so that both are under way until all is written.
  world.agent.paused = true;
  await until("the catalogue", async () => {
    const { containers } = await world.call<{ containers: { images: unknown[] }[] }>(
      "GET",
      `/images?workload=${encodeURIComponent(id("b"))}`,
    );
    return containers[0]?.images.length === 3;
  });
  const select = (tags: Record<string, string>) =>
    Object.entries(tags).map(([name, tag]) => ({ workload: id(name), tag }));
  const [first, second] = await Promise.all([
    world.promote({ target: "prod", source: "registry", selection: select({ a: "1.1.0", b: "1.1.0" }) }, "ana"),
    world.promote({ target: "prod", source: "registry", selection: select({ b: "1.2.0", c: "1.2.0" }) }, "ben"),
  ]);
  const isWritten = async (view: PromotionView) =>
    (await world.promotion(view.promotion.id)).releases.every((release) => "commit" in release.state);
  await until("both written", async () => (await isWritten(first)) && (await isWritten(second)));
  world.agent.paused = false;
  await world.agent.reportAll();
  const [ana, ben] = [await world.ended(first.promotion.id), await world.ended(second.promotion.id)];

  expect(byHand).toBe(1);
  expect(world.file("clusters/prod/d.yaml")).toContain("d:3.0.0");
  expect(world.file("clusters/prod/a.yaml")).toContain("a:1.1.0");
  expect(world.file("clusters/prod/c.yaml")).toContain("c:1.2.0");
  const messages = world.messages();
  expect(messages.filter((text) => text.includes("Sluice-Release: "))).toHaveLength(2);
  const [winner, loser] = world.file("clusters/prod/b.yaml").includes("b:1.2.0") ? [ben, ana] : [ana, ben];
  const winnerRelease = `${winner.promotion.id}/prod`;
  const loserRelease = `${loser.promotion.id}/prod`;
  expect(outcomes(loser).b).toBe(`superseded by ${winnerRelease}`);
  expect(outcomes(winner).b).toBe("verified");
  expect(outcomes(ana).a).toBe("verified");
  expect(outcomes(ben).c).toBe("verified");
  expect(ana.promotion.state).toBe("succeeded");
  expect(ben.promotion.state).toBe("succeeded");
  // The one that wrote later replaced what the other had written, and says so.
  const versionOf = (view: PromotionView) => (view === ana ? "1.1.0" : "1.2.0");
  expect(written(messages, winnerRelease).b).toEqual([versionOf(loser), versionOf(winner)]);
  expect(written(messages, loserRelease).b).toEqual(["1.0.0", versionOf(loser)]);
  const change = winner.releases[0]!.changes.find((entry) => entry.container === "b")!;
  expect(change.from.tag).toBe(versionOf(loser));
});

test("what a hand-made commit takes over is told with its author and commit", async () => {
  world = await startWorld({
    environments: ["prod"],
    workloads: { a: { a: "1.0.0", side: "1.0.0" } },
    images: { a: ["1.0.0", "1.1.0"], side: ["1.0.0"] },
  });
  world.agent.behave = () => "rolling out";
  await until("the catalogue", async () => {
    const plan = await world.call<{ plans: { items: { status: string }[] }[] }>("POST", "/plans", { target: "prod" });
    return plan.plans[0]?.items.some((item) => item.status === "change");
  });
  const { promotion } = await world.promote({ target: "prod" });
  await until("written", () => world.file("clusters/prod/a.yaml").includes("a:1.1.0"));
  const commit = world.commit(
    { "clusters/prod/a.yaml": deployment("a", { a: "0.9.0", side: "1.0.0" }) },
    "Back, by hand",
  );
  world.commit({ "clusters/prod/a.yaml": deployment("a", { a: "0.9.0", side: "0.8.0" }) }, "Another thing");
  const view = await world.ended(promotion.id);
  expect(view.promotion.state).toBe("superseded");
  expect(outcomes(view)).toEqual({ a: `superseded by Ana's commit ${commit.slice(0, 7)}` });
});
