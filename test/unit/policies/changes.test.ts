import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { SluiceEvent } from "../../../src/model/event.ts";
import type { PolicyChange } from "../../../src/model/policy.ts";
import type { MatrixView, WhyView } from "../../../src/model/views.ts";
import { git } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { deployment, startWorld, type World, type WorldOptions } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

const start = async (more: Partial<WorldOptions> = {}) => {
  world = await startWorld({
    environments: ["dev"],
    workloads: { web: { web: "1.0.0", side: "1.0.0" }, api: { api: "1.0.0" } },
    images: { web: ["1.0.0"], side: ["1.0.0"], api: ["1.0.0"] },
    ...more,
  });
};
interface Update {
  readonly workload: string;
  readonly add?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}
const change = (updates: readonly Update[], more: { target?: string; message?: string } = {}, user?: string) =>
  world.call<{ changes: PolicyChange[] }>("POST", "/policy-changes", { target: "dev", updates, ...more }, user);
const one = async (updates: readonly Update[], message = "") => (await change(updates, { message })).changes[0]!;
const cell = async (workload: string, environment = "dev") =>
  (await world.call<MatrixView>("GET", "/matrix")).rows.find((row) => row.name === workload)!.cells[environment]!;
const events = async () =>
  (await world.call<{ events: SluiceEvent[] }>("GET", "/events?limit=100")).events.filter(({ type }) =>
    type.startsWith("policy."),
  );
const lock = { locked: "true", locked_user: "ana", locked_msg: "audit" };

test("a lock is one commit that says who and why, changes only that workload's annotations, and counts at once", async () => {
  await start();
  const before = world.file("clusters/dev/web.yaml");
  const locked = await one([{ workload: "web", add: lock }], "until the audit is over");
  expect(locked.state).toMatchObject({
    end: "succeeded",
    commit: git(world.bare, "rev-parse", "main").trim(),
    outcomes: [{ workload: "shop:deployment/web", status: "success" }],
  });
  const [message] = world.messages();
  expect(message).toContain("Locked: shop:deployment/web\n\nuntil the audit is over\n\n");
  expect(message).toContain(`Sluice-Change: ${locked.id}\n`);
  expect(git(world.bare, "log", "-1", "--format=%an", "main").trim()).toBe("ana");
  const lines = (text: string) => text.split("\n");
  const after = lines(world.file("clusters/dev/web.yaml"));
  expect(after.filter((line) => line.includes("image:"))).toEqual(
    lines(before).filter((line) => line.includes("image:")),
  );
  expect(git(world.bare, "show", "--name-only", "--format=", "main").trim()).toBe("clusters/dev/web.yaml");
  expect(await cell("web")).toMatchObject({ locked: { by: "ana", message: "audit" }, policy: lock });
  expect((await cell("api")).policy).toEqual({});
  await until("the agent woken for it", () => world.agent.frames.some((frame) => frame.type === "sync"));
  const why = await world.call<{ answers: WhyView[] }>("GET", "/why?place=dev&workload=web");
  expect(why.answers[0]!.why.text).toContain('locked by ana: "audit"');
  await world.push("web", "1.1.0");
  const promote = () => world.promote({ target: "dev", selection: [{ workload: "web", tag: "1.1.0" }] });
  await until("the new image known", () =>
    promote().then(
      () => true,
      (error: Error) => !error.message.includes("the registry has no"),
    ),
  );
  await expect(promote()).rejects.toThrow("locked by ana");
});

test("several workloads are one commit; one that is not there fails alone, and what Git says already is left out", async () => {
  await start();
  await one([{ workload: "api", add: { automated: "true" } }]);
  const mixed = await one([
    { workload: "web", add: { "tag.web": "semver:~1" } },
    { workload: "shop:deployment/gone", add: { automated: "true" } },
    { workload: "api", add: { automated: "true" } },
  ]);
  expect(mixed.state).toMatchObject({
    end: "succeeded",
    outcomes: [
      { workload: "shop:deployment/web", status: "success" },
      { workload: "shop:deployment/gone", status: "failed", text: expect.stringContaining("not in the Git of dev") },
      { workload: "shop:deployment/api", status: "skipped", text: "Git says so already" },
    ],
  });
  expect(world.messages()).toHaveLength(3);
  expect((await cell("web")).policy).toEqual({ "tag.web": "semver:~1" });
  expect((await events()).filter(({ data }) => (data as { change: string }).change === mixed.id)).toMatchObject([
    { type: "policy.failed", workload: "shop:deployment/gone" },
    { type: "policy.updated", workload: "shop:deployment/web", actor: { name: "ana" } },
    { type: "policy.accepted", actor: { name: "ana" }, environment: "dev" },
  ]);
});

test("nothing to change is no commit, and a change in which all fail says why", async () => {
  await start();
  expect((await one([{ workload: "web", remove: ["locked"] }])).state).toMatchObject({
    end: "nothing to do",
    outcomes: [{ status: "skipped" }],
  });
  expect((await one([{ workload: "shop:deployment/gone", remove: ["locked"] }])).state).toMatchObject({
    end: "failed",
    reason: expect.stringContaining("shop:deployment/gone: it is not in the Git of dev"),
  });
  expect(world.messages()).toHaveLength(1);
  expect((await events()).map(({ type }) => type)).toEqual([
    "policy.failed",
    "policy.accepted",
    "policy.nothing-to-do",
    "policy.accepted",
  ]);
});

test("a pattern that is none fails the whole change before anything is written", async () => {
  await start();
  const refused = await one([
    { workload: "api", add: { automated: "true" } },
    { workload: "web", add: { "tag.web": "semver:one" } },
  ]);
  expect(refused.state).toMatchObject({
    end: "failed",
    reason: expect.stringContaining('invalid tag pattern: "semver:one"'),
    outcomes: [{ status: "failed" }, { status: "failed" }],
  });
  expect(world.messages()).toHaveLength(1);
  expect((await cell("api")).automated).toBe(false);
});

test("a workload whose file cannot be edited fails alone, with file and line", async () => {
  await start();
  world.commit(
    {
      "clusters/dev/api.yaml": deployment("api", { api: "1.0.0" }).replace(
        "metadata: { name: api, namespace: shop }",
        "metadata: &m { name: api, namespace: shop, annotations: &a { note: x } }\nother: *a",
      ),
    },
    "share annotations",
  );
  await until("the commit taken up", async () => (await cell("api")).line > 0 && world.messages().length === 2);
  const mixed = await one([
    { workload: "api", add: { automated: "true" } },
    { workload: "web", add: { automated: "true" } },
  ]);
  expect(mixed.state).toMatchObject({
    end: "succeeded",
    outcomes: [{ status: "failed", text: expect.stringMatching(/clusters\/dev\/api\.yaml/) }, { status: "success" }],
  });
});

test("a stage means each of its environments that has the workload, a commit for each", async () => {
  await start({
    environments: ["dev", "eu", "us"],
    stages: "[{ name: prod, environments: [eu, us], from: [{ registry: {} }], promote: manual }]",
  });
  world.commit({ "clusters/us/api.yaml": null }, "no api in us");
  await until("the commit taken up", async () =>
    world.call<MatrixView>("GET", "/matrix").then((view) => {
      return view.rows.find((row) => row.name === "api")?.cells.us === undefined;
    }),
  );
  const both = await change([{ workload: "web", add: lock }], { target: "prod" });
  expect(both.changes.map(({ environment, state }) => [environment, "end" in state && state.end])).toEqual([
    ["eu", "succeeded"],
    ["us", "succeeded"],
  ]);
  expect((await cell("web", "us")).locked).toEqual({ by: "ana", message: "audit" });
  expect((await cell("web", "dev")).locked).toBeUndefined();
  const alone = await change([{ workload: "api", add: lock }], { target: "prod" });
  expect(alone.changes.map(({ environment }) => environment)).toEqual(["eu"]);
});

test("names and requests that mean nothing are refused at once, and leave no record", async () => {
  await start();
  await expect(change([{ workload: "nothing", add: lock }])).rejects.toThrow('404 there is no workload "nothing"');
  await expect(change([{ workload: "web", add: lock }], { target: "nowhere" })).rejects.toThrow("404");
  await expect(change([])).rejects.toThrow("400");
  await expect(
    change([
      { workload: "web", add: lock },
      { workload: "shop:deployment/web", remove: ["locked"] },
    ]),
  ).rejects.toThrow("400 shop:deployment/web is named twice");
  expect(await world.call("GET", "/policy-changes")).toEqual({ items: [] });
  await expect(world.call("GET", "/policy-changes/c-none")).rejects.toThrow("404 there is no policy change c-none");
});

test("changes of many people to one file at once are all there, a commit each", async () => {
  await start();
  const names = Array.from({ length: 8 }, (_, index) => `w${index}`);
  world.commit(
    { "clusters/dev/all.yaml": names.map((name) => deployment(name, { web: "1.0.0" })).join("---\n") },
    "eight in one file",
  );
  await until("the commit taken up", async () =>
    world.call<MatrixView>("GET", "/matrix").then((view) => view.rows.length === 10),
  );
  const all = await Promise.all(
    names.map((workload, index) => change([{ workload, add: { locked: "true" } }], {}, `person${index}`)),
  );
  const commits = all.flatMap(({ changes }) =>
    changes.map(({ state }) => ("end" in state && state.end === "succeeded" ? state.commit : "")),
  );
  expect(new Set(commits).size).toBe(8);
  expect(world.messages()).toHaveLength(10);
  for (const name of names) expect((await cell(name)).locked).toBeDefined();
  expect((await world.call<{ items: PolicyChange[] }>("GET", "/policy-changes?environment=dev")).items).toHaveLength(8);
});

test("where commits are reviewed a policy change waits on a branch of its own, and counts once that is merged", async () => {
  await start({ commits: "{ branch: 'review/{release}', skipCi: true }" });
  const waiting = await one([{ workload: "web", add: lock }], "until Friday");
  const branch = `review/${waiting.id}`;
  const commit = git(world.bare, "rev-parse", branch).trim();
  expect(waiting.state).toMatchObject({ end: "succeeded", commit, branch });
  expect(git(world.bare, "log", "-1", "--format=%B", branch)).toMatch(
    /^Locked: shop:deployment\/web\n\n\[ci skip\]\n\nuntil Friday\n\nSluice-Change: c-/,
  );
  expect((await events())[0]!.text).toBe(`For review on ${branch}: Locked web in dev: audit`);
  expect((await cell("web")).locked).toBeUndefined();
  git(world.bare, "update-ref", "refs/heads/main", branch);
  await world.call("POST", "/environments/dev/sync");
  expect((await cell("web")).locked).toEqual({ by: "ana", message: "audit" });
});

test("while Git refuses the commit a change says why and is tried again; then it is written once", async () => {
  await start();
  const hook = join(world.bare, "hooks/pre-receive");
  writeFileSync(hook, "#!/bin/sh\necho closed for the night >&2\nexit 1\n");
  chmodSync(hook, 0o755);
  const asked = one([{ workload: "web", add: lock }]);
  const waiting = await until("the trouble told", async () => {
    const [found] = (await world.call<{ items: PolicyChange[] }>("GET", "/policy-changes")).items;
    return found !== undefined && "step" in found.state && found.state.trouble !== undefined && found;
  });
  expect("step" in waiting.state && waiting.state.trouble).toContain("closed for the night");
  expect((await events()).map(({ type }) => type)).toEqual(["policy.trouble", "policy.accepted"]);
  rmSync(hook);
  expect((await asked).state).toMatchObject({ end: "succeeded" });
  expect(world.messages()).toHaveLength(2);
});
