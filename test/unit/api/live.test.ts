import { afterEach, beforeEach, expect, test } from "vitest";
import type { SyncView } from "../../../src/model/views.ts";
import { git } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld({
    environments: ["dev"],
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0"] },
  });
});
afterEach(() => world.stop());

const head = () => git(world.bare, "rev-parse", "main").trim();
const sync = () => world.call<{ commit: string }>("POST", "/environments/dev/sync", {});
const progress = (ref: string) => world.call<SyncView>("GET", `/environments/dev/sync?ref=${ref}`);
/** A commit that no webhook tells of. */
function pushQuietly(message: string): string {
  git(world.clone, "pull", "--quiet", "--rebase");
  git(world.clone, "commit", "--quiet", "--allow-empty", "-m", message);
  git(world.clone, "push", "--quiet", world.bare, "HEAD:main");
  return head();
}
const applied = (commit: string) =>
  until("the commit applied", async () => (await progress(commit)).pending.length === 0);

test("a wish to sync fetches, names the head and wakes the agent; what is pending shrinks to nothing", async () => {
  await applied(head());
  world.agent.paused = true;
  const [first, second] = [pushQuietly("one"), pushQuietly("two")];
  expect(await sync()).toEqual({ commit: second });
  expect(world.agent.frames.at(-1)).toEqual({ type: "sync", environment: "dev" });
  expect(await progress(second)).toEqual({
    ref: second,
    pending: [second, first],
    tried: false,
    triedAt: expect.any(Number),
    problems: [],
    connected: true,
  });
  expect((await progress(first.slice(0, 7))).pending).toEqual([first]);
  world.agent.paused = false;
  await sync();
  await applied(second);
  expect(await progress(first.slice(0, 7))).toMatchObject({ ref: first, pending: [], tried: true });
});

test("a commit that is not applied stays pending when it was tried, and what went wrong is told", async () => {
  await applied(head());
  world.agent.paused = true;
  const before = await world.agent.read("dev");
  const commit = pushQuietly("one");
  await sync();
  const problems = [{ object: "apps/Deployment shop/web", message: "refused by a webhook" }];
  world.agent.send({ type: "report", report: { ...before, attempted: { commit, at: 1 }, problems } });
  const told = await until("the try told", async () => {
    const view = await progress(commit);
    return view.tried && view;
  });
  expect(told).toMatchObject({ pending: [commit], problems });
});

test("a commit that nobody told of is fetched before it is called unknown", async () => {
  const commit = pushQuietly("one");
  expect((await progress(commit.slice(0, 7))).ref).toBe(commit);
  git(world.clone, "commit", "--quiet", "--allow-empty", "-m", "elsewhere");
  git(world.clone, "push", "--quiet", world.bare, "HEAD:refs/heads/other");
  const other = git(world.bare, "rev-parse", "other").trim();
  await expect(progress(other)).rejects.toThrow("404 there is no commit");
  await expect(progress("main")).rejects.toThrow("404 there is no commit");
  await expect(progress("0000000")).rejects.toThrow("404 there is no commit");
  await expect(world.call("GET", "/environments/none/sync?ref=0000000")).rejects.toThrow("404");
});

test("while the agent is away, what it applied last is told, and that it is away", async () => {
  await applied(head());
  const commit = pushQuietly("one");
  await world.agent.stop();
  const view = await until("the agent gone", async () => {
    const found = await progress(commit);
    return !found.connected && found;
  });
  expect(view.pending).toEqual([commit]);
  await expect(world.call("GET", "/environments/dev/export")).rejects.toThrow("409 the agent of dev is away");
});

test("what runs is given as the agent sends it, as YAML", async () => {
  world.agent.runs = "---\nkind: Service\n";
  const answer = await fetch(`${world.url}/api/v1/environments/dev/export`);
  expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
    200,
    "application/yaml",
    "---\nkind: Service\n",
  ]);
  world.agent.runs = undefined;
  await expect(world.call("GET", "/environments/dev/export")).rejects.toThrow("409 the agent of dev is too old");
  await expect(world.call("GET", "/environments/none/export")).rejects.toThrow("404");
});
