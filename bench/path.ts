import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseYaml } from "../src/manifests/read.ts";
import type { KubeObject } from "../src/model/kubernetes.ts";
import { changesOf } from "../src/model/plan.ts";
import type { PlanView } from "../src/model/views.ts";
import { pushImage } from "../src/sandbox/registry/push.ts";
import { git } from "../test/support/repository.ts";
import { until } from "../test/support/until.ts";
import { deployment, image } from "./path/documents.ts";
import { Eyes, isReadyPod, names } from "./path/live.ts";
import { type BenchWorld, startWorld } from "./path/world.ts";
import { figuresOf, printTable } from "./report/figures.ts";

/** the whole path: image pushed -> running in dev, promote accepted -> commit pushed -> applied in two clusters [--rounds N] */
const { values } = parseArgs({ options: { rounds: { type: "string", default: "20" } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("--rounds takes a whole number from 1 on");
  process.exit(2);
}

const world = await startWorld();
const pods = new Eyes(world.clients.get("dev")!, { apiVersion: "v1", kind: "Pod" });
const stages = ["stage-eu", "stage-us"].map(
  (name) => new Eyes(world.clients.get(name)!, { apiVersion: "apps/v1", kind: "Deployment" }),
);
const series = {
  imageToRunning: [] as number[],
  acceptedToPushed: [] as number[],
  acceptedToApplied: [] as number[],
  rawApply: [] as number[],
  rawPush: [] as number[],
};
try {
  await push("1.0.0");
  await pods.first("1.0.0 running in dev", isReadyPod("catalogue", `${image}:1.0.0`));
  const clone = join(world.folder, "baseline");
  execFileSync("git", ["clone", "--quiet", `${world.git}/shop/baseline.git`, clone]);
  // The first round warms caches and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const figures = await measure(world, `1.${round + 1}.0`, clone);
    if (round > 0) for (const [name, value] of Object.entries(figures)) series[name as keyof typeof series].push(value);
    process.stderr.write(".");
  }
  process.stderr.write("\n");
} finally {
  pods.stop();
  for (const eyes of stages) eyes.stop();
  await world.stop();
}
const figures = {
  image_to_running_ms: figuresOf(series.imageToRunning),
  accepted_to_pushed_ms: figuresOf(series.acceptedToPushed),
  accepted_to_applied_ms: figuresOf(series.acceptedToApplied),
};
const baselines = { raw_apply_to_ready_ms: figuresOf(series.rawApply), raw_git_push_ms: figuresOf(series.rawPush) };
printTable({
  "image pushed -> running in dev": figures.image_to_running_ms,
  "  apply by hand -> pod ready": baselines.raw_apply_to_ready_ms,
  "promote accepted -> commit pushed": figures.accepted_to_pushed_ms,
  "  git push of a prepared commit": baselines.raw_git_push_ms,
  "promote accepted -> applied in both": figures.accepted_to_applied_ms,
});
console.log(JSON.stringify({ bench: "path", ...figures, baselines }));
process.exit(0);

async function measure(at: BenchWorld, tag: string, clone: string): Promise<Record<keyof typeof series, number>> {
  const reference = `${image}:${tag}`;
  const running = pods.first(`${tag} running in dev`, isReadyPod("catalogue", reference));
  await push(tag);
  const pushedAt = Date.now();
  const imageToRunning = (await running) - pushedAt;
  const request = { target: "stage", selection: [{ workload: "catalogue" }], message: `bench ${tag}` };
  await until(`${tag} verified in dev`, async () => {
    const plan = await post<PlanView>(at, "/api/v1/plans", request);
    return (
      plan.plans.length === 2 &&
      plan.plans.every((one) => changesOf(one).some((change) => change.toVersion?.tag === tag))
    );
  });
  const applied = Promise.all(stages.map((eyes) => eyes.first(`${tag} applied`, names("catalogue", reference))));
  const commit = at.nextPush("shop/config");
  await post(at, "/api/v1/promotions", request);
  const acceptedAt = Date.now();
  const acceptedToPushed = Math.max(0, (await commit) - acceptedAt);
  const acceptedToApplied = Math.max(...(await applied)) - acceptedAt;
  return {
    imageToRunning,
    acceptedToPushed,
    acceptedToApplied,
    rawApply: await rawApply(at, tag),
    rawPush: rawPush(clone, tag),
  };
}

async function rawApply(at: BenchWorld, tag: string): Promise<number> {
  const reference = `${image}-baseline:${tag}`;
  const [object] = parseYaml(deployment("baseline", reference, "default")).documents as [KubeObject];
  const ready = pods.first("the baseline ready", isReadyPod("baseline", reference));
  const started = Date.now();
  await at.clients.get("dev")!.apply(object, { fieldManager: "bench", force: true });
  return (await ready) - started;
}

function rawPush(clone: string, tag: string): number {
  writeFileSync(join(clone, "a.yaml"), `a: ${tag}\n`);
  git(clone, "commit", "--quiet", "-a", "-m", tag);
  const started = Date.now();
  git(clone, "push", "--quiet", "origin", "HEAD:main");
  return Date.now() - started;
}

function push(tag: string): Promise<string> {
  return pushImage({ registry: world.registry, repository: "shop/catalogue", tag, labels: {}, createdAt: Date.now() });
}

async function post<T>(at: BenchWorld, path: string, body: object): Promise<T> {
  const answer = await fetch(at.server + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
