import { afterEach, expect, test } from "vitest";
import { stateWord } from "../../src/model/release.ts";
import type { PromotionView } from "../../src/model/views.ts";
import { git } from "../support/repository.ts";
import { until } from "../support/until.ts";
import { startWorld, type World } from "../support/world.ts";
import { Served } from "./served.ts";

let world: World | undefined;
let served: Served | undefined;
afterEach(async () => {
  await served?.stop();
  await world?.stop();
});

async function startReviewed(point: string): Promise<void> {
  world = await startWorld({
    environments: ["dev"],
    stages: "[{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]",
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0", "1.1.0"] },
    commits: '{ branch: "sluice/{release}" }',
    server: false,
  });
  served = new Served(world, point);
}
/** The one promotion there is, once its release has come to a word. */
function at(word: string): Promise<PromotionView> {
  return until(
    `the release to be ${word}`,
    async () => {
      const list = await world!.call<{ items: { promotion: { id: string } }[] }>("GET", "/promotions").catch(() => {});
      if (list?.items.length !== 1) return false;
      const view = await world!.promotion(list.items[0]!.promotion.id);
      return view.releases.every((release) => stateWord(release.state) === word) && view;
    },
    15_000,
  );
}
const commitsOf = (branch: string, { releases }: PromotionView) =>
  git(world!.bare, "log", "-z", "--format=%B", branch)
    .split("\0")
    .filter((text) => text.includes(`Sluice-Release: ${releases[0]!.id}`)).length;
const reviewBranch = ({ releases }: PromotionView) => `sluice/${releases[0]!.id}`;
/** What a forge's button does. */
async function merge(view: PromotionView): Promise<void> {
  git(world!.bare, "update-ref", "refs/heads/main", `refs/heads/${reviewBranch(view)}`);
  await world!.call("POST", "/hooks/git", {}).catch(() => {});
}

test.each(["before writing", "commit made", "commit pushed", "before in review", "after in review"])(
  "killed at '%s', the server goes on after a restart: one commit waits for review, and is followed once it is merged",
  async (point) => {
    await startReviewed(point);
    const first = await served!.start();
    void world!.agent.connect();
    await served!.killed(first);
    await served!.start();
    const view = await at("in review");
    expect([commitsOf(reviewBranch(view), view), world!.messages()]).toEqual([1, [expect.any(String)]]);
    await merge(view);
    const ended = await at("succeeded");
    expect(commitsOf("main", ended)).toBe(1);
    for (const type of ["release.in-review", "release.pushed"])
      expect(ended.events.filter((event) => event.type === type)).toHaveLength(1);
  },
);

test.each(["before pushed", "after pushed", "before succeeded"])(
  "killed at '%s', after somebody merged what was in review, the release ends with its one commit",
  async (point) => {
    await startReviewed(point);
    const first = await served!.start();
    void world!.agent.connect();
    await merge(await at("in review"));
    await served!.killed(first);
    await served!.start();
    const ended = await at("succeeded");
    expect(commitsOf("main", ended)).toBe(1);
    expect(ended.events.filter((event) => event.type === "release.pushed")).toHaveLength(1);
    expect(world!.file("clusters/dev/web.yaml")).toContain("web:1.1.0");
  },
);
