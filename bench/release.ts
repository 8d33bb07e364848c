import { join } from "node:path";
import { parseArgs } from "node:util";
import type { PromotionView } from "../src/model/views.ts";
import { until } from "../test/support/until.ts";
import { type Figures, figuresOf, printTable } from "./report/figures.ts";
import { cloneEditPush, ReadyClone } from "./writing/baseline.ts";
import { manifestOf, newTag, oldTag, workloadsOf } from "./writing/manifests.ts";
import { startWritingWorld } from "./writing/world.ts";

/** one release: accepted -> pushed in a repository of many manifests, beside plain git [--rounds N] [--manifests N] */
const { values } = parseArgs({
  options: { rounds: { type: "string", default: "100" }, manifests: { type: "string", default: "10000" } },
});
const [rounds, manifests] = [Number(values.rounds), Number(values.manifests)];
if (![rounds, manifests].every((count) => Number.isInteger(count) && count >= 1) || rounds > manifests) {
  console.error("--rounds and --manifests take whole numbers from 1 on, and no more rounds than manifests");
  process.exit(2);
}
const plainRounds = Math.min(5, rounds);
const root = "clusters/prod";
const workloads = workloadsOf(manifests, root);
const files = Object.fromEntries(workloads.map((workload) => [workload.path, manifestOf(workload)]));

const world = await startWritingWorld({ files, root, probe: workloads[0]!.id });
const asked: number[] = [];
const ours: number[] = [];
const rawPush: number[] = [];
const rawPost: number[] = [];
const plain: number[] = [];
try {
  const baseline = await world.another("baseline");
  const clone = await ReadyClone.of(baseline, join(world.folder, "ready"));
  // The first round warms caches and is not counted. Rounds go over all folders.
  for (let round = 0; round <= rounds; round++) {
    const workload = workloads[(round * 101) % manifests]!;
    const [before, after] = [`${workload.image}:${oldTag}`, `${workload.image}:${newTag}`];
    const figures = await release(workload.id);
    const push = await clone.push(workload.path, before, after);
    const post = await clone.post(workload.path, after, `${workload.image}:1.2.0`);
    if (round > 0) {
      asked.push(figures.asked);
      ours.push(figures.pushed);
      rawPush.push(push);
      rawPost.push(post);
    }
    if (round % 10 === 0) process.stderr.write(".");
  }
  for (let round = 0; round < plainRounds; round++) {
    const workload = workloads.at(-1 - round)!;
    plain.push(
      await cloneEditPush(baseline, join(world.folder, "plain"), workload.path, `${workload.image}:${newTag}`),
    );
  }
  process.stderr.write("\n");
} finally {
  await world.stop();
}
const [oursMs, rawMs, postMs, plainMs] = [ours, rawPush, rawPost, plain].map(figuresOf) as [
  Figures,
  Figures,
  Figures,
  Figures,
];
printTable({
  "accepted -> pushed": oursMs,
  "  asked -> accepted (its plan)": figuresOf(asked),
  "git push of a ready commit": rawMs,
  "one POST of a ready pack": postMs,
  "clone, edit, push": plainMs,
});
console.log(
  JSON.stringify({
    bench: "release",
    manifests,
    ours_ms: oursMs,
    raw_push_ms: rawMs,
    raw_post_ms: postMs,
    plain_git_ms: plainMs,
    ratio_to_raw: ratio(oursMs.p50, rawMs.p50),
    ratio_to_plain: ratio(oursMs.p50, plainMs.p50),
  }),
);
process.exit(0);

/** Ms from the question to the promise, and from the promise to the moment the release knows that its commit is pushed. */
async function release(workload: string): Promise<{ asked: number; pushed: number }> {
  const begin = Date.now();
  const { promotion } = await world.promote({ target: "prod", selection: [{ workload, tag: newTag }] });
  const pushedAt = await until(`${promotion.id} to be pushed`, async () =>
    pushedOf(await world.promotion(promotion.id)),
  );
  return { asked: promotion.createdAt - begin, pushed: pushedAt - promotion.createdAt };
}

function pushedOf({ releases }: PromotionView): number | undefined {
  const [one] = releases;
  if (one !== undefined && "end" in one.state) throw new Error(`${one.id} ended ${one.state.end}`);
  return one?.timeline.find((entry) => entry.step === "pushed")?.at;
}

function ratio(ours: number, theirs: number): number {
  return Math.round((ours / theirs) * 100) / 100;
}
