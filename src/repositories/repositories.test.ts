import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitFiles, git, makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { SluiceError } from "../errors.ts";
import { createMirrors } from "../git/mirrors.ts";
import { systemClock } from "../model/ports/clock.ts";
import type { GitMirrors } from "../model/ports/git.ts";
import { silentLog } from "../model/ports/log.ts";
import type { Store } from "../model/ports/store.ts";
import { openSqliteStore } from "../store/store.ts";
import { emptyConfiguration, readConfiguration } from "./configuration.ts";
import { type Moved, Repositories } from "./repositories.ts";

let folder: ReturnType<typeof temporaryFolder>;
let bare: string;
let clone: string;
let store: Store;
let mirrors: GitMirrors;
let repositories: Repositories;
let moved: Moved[];

const environment = (name: string, branch = "main") => `apiVersion: sluice.dev/v1
kind: Environment
metadata: { name: ${name} }
spec: { cluster: ${name}, git: { repository: "${bare}", branch: ${branch}, paths: [clusters/${name}] } }
`;
const pipeline = (target: string) => `apiVersion: sluice.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  workloads: [{ namespace: shop }]
  stages: [{ name: first, environments: [${target}], from: [{ registry: {} }] }]
`;
const deployment = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec: { template: { spec: { containers: [{ name: ${name}, image: "shop/${name}:1" }] } } }
`;

beforeEach(async () => {
  folder = temporaryFolder();
  bare = join(folder.path, "config.git");
  makeRepository(bare, {
    "sluice/dev.yaml": environment("dev"),
    "sluice/prod.yaml": environment("prod"),
    "sluice/pipeline.yaml": pipeline("dev"),
    "clusters/dev/web.yaml": deployment("web"),
    "clusters/dev/api.yaml": deployment("api"),
    "clusters/prod/web.yaml": deployment("web"),
  });
  git(folder.path, "clone", "--quiet", bare, "clone");
  clone = join(folder.path, "clone");
  await open();
});
afterEach(async () => {
  await close();
  folder.remove();
});
async function open(repository = bare): Promise<void> {
  store = await openSqliteStore(join(folder.path, "sluice.db"), systemClock);
  mirrors = createMirrors(join(folder.path, "mirrors"));
  repositories = new Repositories({
    source: { kind: "git", repository, branch: "main", path: "sluice" },
    mirrors,
    store,
    log: silentLog,
    poll: 3_600_000,
  });
  moved = [];
  repositories.onMoved((what) => moved.push(what));
  await repositories.restore();
  await repositories.start();
}
async function close(): Promise<void> {
  await repositories.close();
  await mirrors.close();
  await store.close();
}
async function change(files: Readonly<Record<string, string | null>>): Promise<string> {
  const commit = commitFiles(clone, files, "Change");
  await repositories.refresh();
  return commit;
}
const environments = () => [...repositories.configuration.environments.keys()].sort();
const stages = () => repositories.configuration.pipelines.get("shop")?.stages[0]?.environments;

test("one broken document keeps what it said before in force, beside the others, with file, line and reason", async () => {
  await change({
    "sluice/prod.yaml": environment("prod").replace("cluster:", "clutser:"),
    "sluice/test.yaml": environment("test"),
  });
  expect(environments()).toEqual(["dev", "prod", "test"]);
  const [problem] = repositories.configuration.problems;
  expect(problem).toMatchObject({ file: "sluice/prod.yaml", line: expect.any(Number) });
  expect(repositories.configuration.problems.map((each) => each.message).join()).toContain('did you mean "cluster"?');
  await close();
  await open();
  expect(environments()).toEqual(["dev", "prod", "test"]);
  expect(repositories.configuration.problems).not.toEqual([]);
  await change({ "sluice/prod.yaml": null });
  expect(environments()).toEqual(["dev", "test"]);
  expect(repositories.configuration.problems).toEqual([]);
});

test("a pipeline that contradicts the rest stays as it was, also over a restart", async () => {
  await change({ "sluice/pipeline.yaml": pipeline("nowhere") });
  expect(stages()).toEqual(["dev"]);
  await close();
  await open();
  expect(stages()).toEqual(["dev"]);
  expect(repositories.configuration.problems[0]?.message).toContain("nowhere");
});

test("everything is in force after a restart while Git is away", async () => {
  await close();
  git(folder.path, "clone", "--quiet", "--bare", bare, "moved.git");
  await open(join(folder.path, "gone.git"));
  expect(environments()).toEqual(["dev", "prod"]);
  expect(stages()).toEqual(["dev"]);
  expect([...repositories.unreachable.values()].join()).toContain("gone.git");
});

test("a configuration path without any document is a problem, not the end of everything", async () => {
  await change({ sluice: null });
  expect(environments()).toEqual(["dev", "prod"]);
  expect(repositories.configuration.problems).toMatchObject([
    { file: "sluice", message: expect.stringContaining("stay in force") },
  ]);
});

test("a broken manifest fails its own file's workloads only, with file and line", async () => {
  await change({ "clusters/dev/api.yaml": "kind: [unclosed\n" });
  const tree = await repositories.tree("dev");
  expect([...tree.workloads.keys()]).toEqual(["shop:deployment/web"]);
  expect(tree.problems).toMatchObject([{ file: "clusters/dev/api.yaml", line: expect.any(Number) }]);
});

test("an environment taken out of the documents is gone, and one whose branch is missing says so", async () => {
  await change({ "sluice/prod.yaml": environment("prod", "release") });
  await expect(repositories.tree("prod")).rejects.toThrow(/has no branch release, which environment prod names/);
  expect((await repositories.tree("dev")).workloads.size).toBe(2);
  await change({ "sluice/prod.yaml": null });
  expect(() => repositories.environment("prod")).toThrow('there is no environment "prod"');
  expect(repositories.headOf("prod")).toBeUndefined();
});

test("an environment that moves to another branch at the same commit reads that branch's holds", async () => {
  const message = "Hold\n\nSluice-Holds: dev shop:deployment/web web * pinned";
  git(clone, "commit", "--quiet", "--allow-empty", "-m", message);
  git(clone, "push", "--quiet", "origin", "HEAD:main", "HEAD:other");
  await repositories.refresh();
  const holds = () => repositories.holdsOf(repositories.environment("dev")).map((hold) => hold.reason);
  expect(holds()).toEqual(["pinned"]);
  await change({ "sluice/dev.yaml": environment("dev", "other") });
  expect(holds()).toEqual(["pinned"]);
});

test("holds, lifts and confirmed prunes are read from commits, once from a rewritten history too", async () => {
  const commit = (message: string) => git(clone, "commit", "--quiet", "--allow-empty", "-m", message);
  const push = async (...args: string[]) => {
    git(clone, "push", "--quiet", ...args, "origin", "HEAD:main");
    await repositories.refresh();
  };
  commit("Roll back\n\nSluice-Holds: dev shop:deployment/web web 1.1.0 it crashes\nSluice-Author: ana");
  commit("Confirm\n\nSluice-Prune: dev abc123");
  await push();
  const read = async () => {
    const { holds, prunes } = await store.holds.get(bare, "main");
    return { holds: holds.map((hold) => `${hold.reason} by ${hold.by}`), prunes };
  };
  expect(await read()).toEqual({ holds: ["it crashes by ana"], prunes: ["dev abc123"] });
  commit("Promote\n\nSluice-Lifts: dev shop:deployment/web web");
  await push();
  expect(await read()).toEqual({ holds: [], prunes: ["dev abc123"] });
  git(clone, "reset", "--quiet", "--hard", "HEAD~2");
  await push("--force");
  expect(await read()).toEqual({ holds: ["it crashes by ana"], prunes: [] });
});

test("listeners hear which environments moved, once", async () => {
  const before = moved.length;
  await change({ "clusters/dev/web.yaml": deployment("web").replace(":1", ":2") });
  await repositories.refresh();
  expect(moved.slice(before)).toEqual([{ configuration: false, environments: ["dev", "prod"] }]);
});

test("documents that Git cannot give now are not taken for broken: all is read again later", async () => {
  const before = { configuration: emptyConfiguration, documents: [] };
  const away = async () => Promise.reject(new SluiceError("git_failed", "git cat-file ended"));
  await expect(readConfiguration([{ path: "a.yaml", text: away }], "c1", "sluice", before)).rejects.toThrow("ended");
  const large = async () => Promise.reject(new SluiceError("too_large", "a file of 9 MB is too large"));
  expect(
    (await readConfiguration([{ path: "a.yaml", text: large }], "c1", "sluice", before)).configuration,
  ).toMatchObject({ commit: "c1", problems: [{ file: "a.yaml", message: "a file of 9 MB is too large" }] });
});
