import { parseArgs } from "node:util";
import { changesOf } from "../src/model/plan.ts";
import { until } from "../test/support/until.ts";
import { figuresOf, printTable } from "./report/figures.ts";
import { manifestOf, newTag, workloadsOf } from "./writing/manifests.ts";
import { startWritingWorld } from "./writing/world.ts";

/** a dry run of "newest of all" over 500 workloads from warm caches, over HTTP [--rounds N] */
const { values } = parseArgs({ options: { rounds: { type: "string", default: "50" } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("--rounds takes a whole number from 1 on");
  process.exit(2);
}
const root = "clusters/prod";
const workloads = workloadsOf(500, root);
const files = Object.fromEntries(workloads.map((workload) => [workload.path, manifestOf(workload)]));

const world = await startWritingWorld({ files, root, probe: workloads[0]!.id });
const taken: number[] = [];
try {
  const dryRun = () => world.plan({ target: "prod", source: "registry" });
  // The plan is whole once every image repository was read; that also warms the caches.
  await until("every image to be read", async () => {
    const [plan] = (await dryRun()).plans;
    return changesOf(plan!).filter((item) => item.toVersion?.tag === newTag).length === workloads.length;
  });
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const [plan] = (await dryRun()).plans;
    taken.push(performance.now() - started);
    if (changesOf(plan!).length !== workloads.length) throw new Error("the plan lacks workloads");
  }
} finally {
  await world.stop();
}
const figures = figuresOf(taken);
printTable({ "newest of all, planned": figures });
console.log(
  JSON.stringify({ bench: "dry-run", workloads: workloads.length, p50_ms: figures.p50, p99_ms: figures.p99 }),
);
process.exit(0);
