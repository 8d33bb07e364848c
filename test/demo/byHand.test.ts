import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EnvironmentView, MatrixView } from "../../src/model/views.ts";
import { pushImage } from "../../src/sandbox/registry/push.ts";
import { copyImage, missing } from "../support/registries.ts";
import { commitFiles, git, temporaryFolder } from "../support/repository.ts";
import { until } from "../support/until.ts";
import { runSluice } from "../unit/cli/process.ts";
import { build, deploymentsIn, healthyWith, running, settled, tellSeconds } from "./seen.ts";
import { type StartedTrial, startTrial, stopTrial } from "./trial.ts";

const folder = temporaryFolder();
const state = join(folder.path, "state");
const clone = join(folder.path, "clone");
const search = "shop:deployment/search";
let trial: StartedTrial;

beforeAll(async () => {
  trial = await startTrial(folder.path, "node", ["bin/sluice.mjs", "demo", "--port", "0", "--dir", state]);
  const { git: repository } = await trial.get<{ git: string }>("/api/v1/trial/state");
  git(folder.path, "clone", "--quiet", repository, clone);
  await settled(trial);
});
afterAll(async () => {
  await stopTrial(trial);
  folder.remove();
});

const matrix = () => trial.get<MatrixView>("/api/v1/matrix");
/** Waits until an environment looks as a person expects. */
function environment(name: string, what: string, check: (view: EnvironmentView) => unknown): Promise<EnvironmentView> {
  return until(`${name}: ${what}`, async () => {
    const view = (await matrix()).environments.find((entry) => entry.name === name);
    return view !== undefined && Boolean(check(view)) && view;
  });
}
/**
 * Edits, commits and pushes as a person with a clone does, on top of what Sluice wrote; whoever loses the race against
 * a release of Sluice pulls and pushes again. Answers the commit.
 */
function push(message: string, files: (read: (path: string) => string) => Record<string, string | null>): string {
  git(clone, "pull", "--quiet", "--rebase");
  const edited = files((path) => readFileSync(join(clone, path), "utf8"));
  try {
    return commitFiles(clone, edited, message);
  } catch (error) {
    if (!String(error).includes("rejected")) throw error;
    git(clone, "pull", "--quiet", "--rebase");
    git(clone, "push", "--quiet", "origin", "HEAD:main");
    return git(clone, "rev-parse", "HEAD").trim();
  }
}
const applied = (name: string, commit: string) =>
  environment(name, `applied ${commit}`, (view) => view.applied?.commit === commit);

test("a manifest that does not parse keeps its objects running and shows where it is wrong; other workloads still release", async () => {
  const path = "clusters/dev/cart.yaml";
  const uids = await deploymentsIn(state, "dev");
  let good = "";
  const broken = push("Tune the cart", (read) => {
    good = read(path);
    return { [path]: good.replace("  replicas: 1\n", "  replicas: [1\n") };
  });
  const view = await environment("dev", "the broken file told by the agent", (now) => {
    const tried = now.attempted?.commit === broken;
    return tried && now.problems.some(({ file }) => file === path);
  });
  const problems = view.problems.filter(({ file }) => file === path);
  expect(problems).toHaveLength(1);
  expect(problems[0]!.line).toBeGreaterThanOrEqual(9);
  expect(problems[0]!.line).toBeLessThanOrEqual(12);
  expect(problems[0]!.message.length).toBeGreaterThan(10);

  const started = Date.now();
  const tag = await build(trial, "search");
  await running(trial, "dev", search, tag);
  tellSeconds("from build order to running in dev beside a broken manifest", started);
  expect(await deploymentsIn(state, "dev")).toEqual(uids);

  const mended = push("Mend the cart", () => ({ [path]: good }));
  const after = await applied("dev", mended);
  expect(after.problems).toEqual([]);
  expect(await deploymentsIn(state, "dev")).toEqual(uids);
  await healthyWith(trial, "dev", "shop:deployment/cart", "main-42");
});

test("a broken document leaves the others in force, shows file, line and reason, and an image copied by a standard client still runs in dev", async () => {
  const path = "sluice/environments.yaml";
  let good = "";
  push("Rename a field", (read) => {
    good = read(path);
    return { [path]: good.replace("  cluster: stage-us\n", "  clustr: stage-us\n") };
  });
  const line = good.split("\n").indexOf("  cluster: stage-us") + 1;
  const { problems, environments } = await until("the broken document told", async () => {
    const now = await matrix();
    return now.problems.length > 0 && now;
  });
  expect(problems.every(({ file }) => file === path)).toBe(true);
  expect(problems.find((problem) => problem.line === line)?.message).toMatch(/clustr.*did you mean "cluster"/);
  expect(environments.map(({ name }) => name)).toEqual(["dev", "stage-eu", "stage-us", "prod-eu", "prod-us"]);

  const { registry } = await trial.get<{ registry: string }>("/api/v1/trial/state");
  const tag = "3.2.7";
  let started = Date.now();
  if (missing.skopeo === undefined) {
    const to = `${new URL(registry).host}/shop/frontend:${tag}`;
    await copyImage(join(folder.path, "layout"), to, new Date().toISOString(), {});
    started = Date.now();
  } else {
    process.stdout.write(`${missing.skopeo}: pushed by the registry's HTTP API instead\n`);
    await pushImage({ registry, repository: "shop/frontend", tag, labels: {}, createdAt: started });
  }
  await running(trial, "dev", "shop:deployment/frontend", tag);
  tellSeconds("from the end of the push to running in dev, by notification", started);
  for (const name of ["dev", "stage-us"]) await healthyWith(trial, name, "shop:deployment/frontend", tag);

  push("Name the field as it is called", () => ({ [path]: good }));
  await until("no problem left", async () => (await matrix()).problems.length === 0);
});

test("removing more than half of an environment prunes nothing until a person confirms exactly that list", async () => {
  const before = await deploymentsIn(state, "prod-us");
  expect([...before.keys()].sort()).toEqual([
    "cart",
    "catalogue",
    "frontend",
    "orders",
    "orders-worker",
    "payment",
    "search",
  ]);
  const removed = ["cart", "catalogue", "database", "frontend", "orders", "orders-report", "payment"];
  const commit = push("Clear prod-us", () =>
    Object.fromEntries(removed.map((name) => [`clusters/prod-us/${name}.yaml`, null])),
  );
  const { prune } = await environment("prod-us", "the prune waits", (view) => view.prune !== undefined);
  expect(prune!.objects.length * 2).toBeGreaterThan(prune!.of);
  expect(prune!.objects.join("\n")).toMatch(/catalogue/);
  expect(prune!.objects.join("\n")).not.toMatch(/search/);
  expect(await deploymentsIn(state, "prod-us")).toEqual(before);
  // A later commit, and the round it brings, changes nothing about that.
  const later = push("Say why", (read) => ({ "README.md": `${read("README.md")}\nprod-us is moving.\n` }));
  await environment("prod-us", "tried the later commit", (view) => view.attempted?.commit === later);
  expect(await deploymentsIn(state, "prod-us")).toEqual(before);

  const refused = await runSluice(["confirm-prune", "prod-eu", "--yes"], { SLUICE_SERVER: trial.url });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("Nothing waits to be removed from prod-eu");
  const done = await runSluice(["confirm-prune", "prod-us", "--yes"], { SLUICE_SERVER: trial.url });
  expect(done, done.stderr).toMatchObject({ code: 0 });
  for (const object of prune!.objects) expect(done.stdout).toContain(object);
  await environment("prod-us", "nothing waits any more", (view) => view.prune === undefined);
  await until("the objects gone", async () => [...(await deploymentsIn(state, "prod-us")).keys()].join() === "search");
  expect((await deploymentsIn(state, "prod-us")).get("search")).toBe(before.get("search"));
  git(clone, "pull", "--quiet", "--rebase");
  const said = git(clone, "log", "--format=%B", `${commit}..HEAD`);
  expect(said).toContain(`Sluice-Prune: prod-us ${prune!.hash}`);
  expect((await deploymentsIn(state, "prod-eu")).size).toBe(before.size);
});
