import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { temporaryFolder } from "../support/repository.ts";
import { until } from "../support/until.ts";
import { healthyWith, settled } from "./seen.ts";
import { type StartedTrial, startTrial, untilGone } from "./trial.ts";

const folder = temporaryFolder();
let trials: StartedTrial[] = [];
afterEach(async () => {
  for (const trial of trials)
    for (const pid of trial.processes())
      try {
        process.kill(pid, "SIGKILL");
      } catch {}
  trials = [];
});

afterAll(folder.remove);

async function start(command: string, args: readonly string[]): Promise<StartedTrial> {
  mkdirSync(folder.path, { recursive: true });
  const trial = await startTrial(folder.path, command, args);
  trials.push(trial);
  return trial;
}
const demo = ["bin/sluice.mjs", "demo", "--port", "0"];
const npm = ["run", "demo", "--", "--port", "0"];
const catalogue = "shop:deployment/catalogue";

const runs = (trial: StartedTrial, environment: string, tag: string) => healthyWith(trial, environment, catalogue, tag);

test("the shop comes up healthy; a build reaches dev and stage by itself, waits before prod, and outlives a restart", async () => {
  const state = join(folder.path, "kept");
  const trial = await start("node", [...demo, "--dir", state]);
  const { rows } = await settled(trial);
  expect(rows.length).toBeGreaterThanOrEqual(8);
  const built = await trial.post<{ version: string }>("/api/v1/trial/build", { service: "catalogue", kind: "good" });
  expect(built.version).toBe("1.8.3");
  for (const environment of ["dev", "stage-eu", "stage-us"]) await runs(trial, environment, "1.8.3");
  await runs(trial, "prod-eu", "1.8.1");
  trial.child.kill("SIGTERM");
  await untilGone(trial);
  const again = await start("node", [...demo, "--dir", state]);
  await settled(again);
  await runs(again, "stage-us", "1.8.3");
  await runs(again, "prod-us", "1.8.1");
  again.child.kill("SIGINT");
  await untilGone(again);
}, 240_000);

test("the panel stops and starts agents, and changes a cluster that its agent mends", async () => {
  const state = join(folder.path, "mended");
  const trial = await start("node", [...demo, "--dir", state]);
  await settled(trial);
  const kubeconfig = JSON.parse(readFileSync(join(state, "world/clusters/prod-us/kubeconfig"), "utf8")) as {
    clusters: { cluster: { server: string } }[];
  };
  const address = `${kubeconfig.clusters[0]!.cluster.server}/apis/apps/v1/namespaces/shop/deployments/catalogue`;
  const replicas = async () => ((await (await fetch(address)).json()) as { spec: { replicas: number } }).spec.replicas;
  await expect(trial.post("/api/v1/trial/build", { service: "nothing", kind: "good" })).rejects.toThrow("catalogue");
  await trial.post("/api/v1/trial/stop-agent", { environment: "prod-us" });
  const { environments } = await trial.get<{ environments: { name: string; agent: string }[] }>("/api/v1/trial/state");
  expect(environments.find((entry) => entry.name === "prod-us")?.agent).toBe("stopped");
  await until("prod-us unknown", async () => (await trial.cell("prod-us", catalogue))?.verdict.state === "unknown");
  await trial.post("/api/v1/trial/change", { environment: "prod-us", workload: catalogue, what: "replicas" });
  expect(await replicas()).toBe(5);
  await trial.post("/api/v1/trial/start-agent", { environment: "prod-us" });
  await until("prod-us as Git says", async () => (await replicas()) === 3, 60_000);
  await runs(trial, "prod-us", "1.8.1");
  trial.child.kill("SIGTERM");
  await untilGone(trial);
}, 150_000);

test("kill -9 of npm leaves no process, without terminal and input", async () => {
  const trial = await start("npm", npm);
  expect(trial.processes().length).toBeGreaterThanOrEqual(4);
  trial.child.kill("SIGKILL");
  await untilGone(trial);
}, 90_000);

test("the end of the shell that started npm leaves no process", async () => {
  const trial = await start("sh", ["-c", `npm ${npm.join(" ")}; true`]);
  trial.child.kill("SIGKILL");
  await untilGone(trial);
}, 90_000);

test("kill -9 of the trial's own main process leaves no process", async () => {
  const trial = await start("node", demo);
  trial.child.kill("SIGKILL");
  await untilGone(trial);
}, 90_000);

test("a trial over a folder of manifests shows every workload and can build what they name", async () => {
  const manifests = join(folder.path, "manifests");
  mkdirSync(manifests, { recursive: true });
  const deployment = (name: string, image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: elsewhere }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: ${name}, image: ${image} }] }
`;
  writeFileSync(join(manifests, "web.yaml"), deployment("web", "quay.io/acme/web:v2.0.1"));
  writeFileSync(join(manifests, "store.yml"), deployment("store", "mongo"));
  const trial = await start("node", [...demo, "--from", manifests]);
  const { rows } = await settled(trial);
  expect(rows.map((row) => row.id).sort()).toEqual(["elsewhere:deployment/store", "elsewhere:deployment/web"]);
  const built = await trial.post<{ image: string }>("/api/v1/trial/build", { service: "web", kind: "good" });
  expect(built.image).toBe("quay.io/acme/web:v2.0.2");
  await until(
    "stage runs what was built",
    async () => (await trial.cell("stage-us", "elsewhere:deployment/web"))?.containers[0]?.version?.tag === "v2.0.2",
    60_000,
  );
  trial.child.kill("SIGTERM");
  await untilGone(trial);
}, 150_000);
