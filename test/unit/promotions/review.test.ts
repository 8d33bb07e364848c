import { afterEach, expect, test } from "vitest";
import { SluiceError } from "../../../src/errors.ts";
import { stateWord } from "../../../src/model/release.ts";
import type { PromotionView } from "../../../src/model/views.ts";
import { git } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

/** Two regions one after the other, of which every commit waits for review; 1.1.0 comes to the registry. */
async function startReviewed(
  commits = '{ branch: "sluice/{release}" }',
  promote = "manual",
  reached = (_: string) => {},
): Promise<void> {
  world = await startWorld({
    environments: ["eu", "us"],
    stages: `[{ name: prod, environments: [eu, us], order: sequence, from: [{ registry: {} }], promote: ${promote} }]`,
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0"] },
    commits,
    reached,
  });
  await world.push("web", "1.1.0");
}
const branches = () => git(world.bare, "for-each-ref", "--format=%(refname:short)").trim().split("\n");
const words = (view: PromotionView) => view.releases.map((release) => stateWord(release.state));
const at = (id: string, ...wanted: string[]) =>
  until(`${id} at ${wanted.join(", ")}`, async () => {
    const view = await world.promotion(id);
    return words(view).join() === wanted.join() && view;
  });
const promote = async () => {
  await until("1.1.0 to be promotable", async () => {
    const { answers } = await world.call<{ answers: { could?: { tag: string } }[] }>(
      "GET",
      "/why?place=eu&workload=web",
    );
    return answers[0]?.could?.tag === "1.1.0";
  });
  return (await world.promote({ target: "prod" })).promotion.id;
};
/** What a person does in the forge; the server is told as a Git host would. */
async function inForge(...commands: (readonly string[])[]): Promise<void> {
  git(world.clone, "fetch", "--quiet", "--prune", "origin", "+refs/heads/*:refs/remotes/origin/*");
  git(world.clone, "checkout", "--quiet", "-B", "main", "origin/main");
  for (const command of commands) git(world.clone, ...command);
  await world.call("POST", "/hooks/git", {});
}

test("a release waits on its branch until somebody merges it, and the next region after it", async () => {
  await startReviewed('{ branch: "sluice/{release}", skipCi: true }');
  const id = await promote();
  const view = await at(id, "in review", "queued");
  expect(view.promotion.state).toBe("waiting");
  expect(view.why?.text).toMatch(/eu/);
  expect(branches()).toEqual(["main", `sluice/${id}/eu`]);
  expect(world.file("clusters/eu/web.yaml")).toContain("web:1.0.0");
  expect(git(world.bare, "log", "-1", "--format=%an|%cn|%B", `sluice/${id}/eu`)).toMatch(
    /^ana\|Sluice\|Release web 1\.1\.0 to eu\n\n\[ci skip\]\n\nSluice-Release: /,
  );
  const branch = `origin/sluice/${id}/eu`;
  await inForge(["merge", "--quiet", "--no-ff", "-m", "Merge", branch], ["push", "--quiet", "origin", "main"]);
  await at(id, "succeeded", "in review");
  await inForge(
    ["merge", "--quiet", "--squash", `origin/sluice/${id}/us`],
    ["commit", "--quiet", "-m", "Web 1.1.0 in us (#2)"],
    ["push", "--quiet", "origin", "main", `:sluice/${id}/us`],
  );
  const { releases } = await at(id, "succeeded", "succeeded");
  // The commit is the one of the branch applied, not the one that went with the review branch.
  const squash = git(world.bare, "rev-parse", "main").trim();
  expect(releases[1]!.state).toMatchObject({ commit: squash });
});

test("a review that is turned down ends the release with the reason, and automation does not ask again", async () => {
  await startReviewed(undefined, "automatic");
  const id = await until("a promotion", async () => {
    const { items } = await world.call<{ items: { promotion: { id: string } }[] }>("GET", "/promotions");
    return items[0]?.promotion.id;
  });
  await at(id, "in review", "queued");
  await inForge(["push", "--quiet", "origin", `:sluice/${id}/eu`]);
  const { releases, promotion } = await at(id, "aborted", "aborted");
  expect(promotion.state).toBe("aborted");
  expect(releases[0]!.state).toMatchObject({
    reason: `sluice/${id}/eu is gone, and main does not have its change`,
  });
  expect(releases[0]!.changes[0]!.outcome.kind).toBe("pending");
  await world.restart();
  const { answers } = await world.call<{ answers: { why: { text: string } }[] }>("GET", "/why?place=us&workload=web");
  expect(answers[0]!.why.text).toContain(`turned down in review: ${id}/eu`);
  expect((await world.call<{ items: unknown[] }>("GET", "/promotions")).items).toHaveLength(1);
  expect(branches()).toEqual(["main"]);
  // A newer version flows.
  await world.push("web", "1.2.0");
  await until("the next review", () => branches().length === 2);
});

test("one that is stopped in review takes its branch along, and has nothing to be rolled back", async () => {
  await startReviewed();
  const id = await promote();
  await at(id, "in review", "queued");
  await expect(world.call("POST", `/promotions/${id}/rollback`, { message: "" })).rejects.toThrow(
    "has not changed anything",
  );
  await world.call("POST", `/promotions/${id}/abort`);
  const { releases } = await at(id, "aborted", "aborted");
  expect(releases[0]!.state).toMatchObject({ reason: expect.stringContaining(`is taken off sluice/${id}/eu`) });
  await until("the branch to be gone", () => branches().join() === "main");
});

test("a rollback in review holds the version back even when its squash loses the trailers", async () => {
  await startReviewed(undefined, "automatic");
  const squash = async (id: string, region: string) =>
    inForge(
      ["merge", "--quiet", "--squash", `origin/sluice/${id}/${region}`],
      ["commit", "--quiet", "-m", `Merge ${id}`],
      ["push", "--quiet", "origin", "main", `:sluice/${id}/${region}`],
    );
  const id = await until("a promotion", async () => {
    const { items } = await world.call<{ items: { promotion: { id: string } }[] }>("GET", "/promotions");
    return items[0]?.promotion.id;
  });
  await at(id, "in review", "queued");
  await squash(id, "eu");
  await at(id, "succeeded", "in review");
  const back = await world.call<PromotionView>("POST", `/promotions/${id}/rollback`, { message: "it crashes" });
  await at(back.promotion.id, "in review");
  await squash(back.promotion.id, "eu");
  await at(back.promotion.id, "succeeded");
  await at(id, "rolled back", "aborted");
  expect(world.file("clusters/eu/web.yaml")).toContain("web:1.0.0");
  await world.restart();
  const { answers } = await world.call<{ answers: { why: { text: string } }[] }>("GET", "/why?place=eu&workload=web");
  expect(answers[0]!.why.text).toContain("it crashes");
  expect((await world.call<{ items: unknown[] }>("GET", "/promotions")).items).toHaveLength(2);
});

test("a push for review that was not seen to end is found on its branch, and is not made again", async () => {
  let broken = 0;
  await startReviewed(undefined, "manual", (point) => {
    if (point === "commit pushed" && broken++ === 0) throw new SluiceError("git_failed", "the connection broke");
  });
  const id = await promote();
  await at(id, "in review", "queued");
  expect(broken).toBe(1);
  expect(git(world.bare, "rev-list", "--count", `main..sluice/${id}/eu`).trim()).toBe("1");
});

test("one that is stopped leaves what others have on the same review branch", async () => {
  await startReviewed('{ branch: "sluice/next" }');
  const first = await promote();
  await at(first, "in review", "queued");
  const below = git(world.bare, "rev-parse", "sluice/next");
  const second = (await world.promote({ target: "us", source: "registry" })).promotion.id;
  await at(second, "in review");
  await world.call("POST", `/promotions/${second}/abort`);
  await until("the branch to be back", () => git(world.bare, "rev-parse", "sluice/next") === below);
  await at(first, "in review", "queued");
  expect(git(world.bare, "log", "-1", "--format=%B", "sluice/next")).toContain(`Sluice-Release: ${first}/eu`);
});

test("releases to one review branch stack, and a merge brings them all", async () => {
  await startReviewed('{ branch: "sluice/next" }');
  const first = await promote();
  await at(first, "in review", "queued");
  const second = (await world.promote({ target: "us", source: "registry" })).promotion.id;
  await at(second, "in review");
  expect(git(world.bare, "rev-list", "--count", "main..sluice/next").trim()).toBe("2");
  await inForge(
    ["merge", "--quiet", "--squash", "origin/sluice/next"],
    ["commit", "--quiet", "-m", "Both"],
    ["push", "--quiet", "origin", "main", ":sluice/next"],
  );
  await at(second, "succeeded");
  expect(stateWord((await world.promotion(first)).releases[0]!.state)).not.toBe("aborted");
});
