import { fork } from "node:child_process";
import { join } from "node:path";
import { trailersOf } from "../src/planning/trailers.ts";
import { until } from "../test/support/until.ts";
import { byHand } from "./writing/baseline.ts";
import { type Crowd, type CrowdName, crowdOf, releases, root } from "./writing/crowds.ts";
import { newTag } from "./writing/manifests.ts";
import type { HandMessage } from "./writing/messages.ts";
import { startWritingWorld, type WritingWorld } from "./writing/world.ts";

/** 100 releases at once to one branch while somebody else pushes by hand 20 times: a file each, then all in one file */
interface Outcome {
  readonly releases: number;
  readonly landed: number;
  readonly doubled: number;
  readonly foreign_lost: number;
  readonly total_ms: number;
}
const ownFiles = await run("own files");
const oneFile = await run("one file");
console.log(JSON.stringify({ bench: "contention", own_files: ownFiles, one_file: oneFile }));
process.exit(0);

async function run(name: CrowdName): Promise<Outcome> {
  const crowd = crowdOf(name);
  const selections = crowd.selections.map((selection) => ({ ...selection, tag: newTag }));
  const world = await startWritingWorld({ files: crowd.files, root, probe: selections[0]!.workload });
  try {
    const person = await startPerson(name, world);
    // Every image has been read: what is measured is the writing, not the registry.
    await until("every image to be read", async () => {
      const { plans } = await world.plan({ target: "prod", selection: selections });
      return plans[0]!.items.every((item) => item.status === "change");
    });
    const started = Date.now();
    const [hand, promotions] = await Promise.all([
      person(),
      Promise.all(selections.map((selection) => world.promote({ target: "prod", selection: [selection] }))),
    ]);
    const ids = promotions.map(({ promotion }) => promotion.id);
    const last = Math.max(...(await Promise.all(ids.map((id) => pushedAt(world, id)))));
    const total_ms = Math.max(hand.at, last) - started;
    const outcome = { ...(await count(world, crowd, ids, hand.commits)), total_ms };
    console.log(
      `${name}: ${outcome.landed} of ${releases} landed in ${total_ms} ms (the last release after ${last - started} ms, ` +
        `the last push by hand after ${hand.at - started} ms and ${hand.lostRaces} lost races), ` +
        `${outcome.doubled} doubled, ${outcome.foreign_lost} foreign lost`,
    );
    return outcome;
  } finally {
    await world.stop();
  }
}

/** Makes a clone and a process that pushes from it once it is told to; the answer tells it and waits for the end. */
async function startPerson(name: CrowdName, world: WritingWorld): Promise<() => Promise<HandMessage>> {
  const clone = join(world.folder, "person");
  await byHand(".", "clone", "--quiet", world.repository, clone);
  const child = fork(join(import.meta.dirname, "writing/hand.process.ts"), [name, clone]);
  return () =>
    new Promise((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`who pushes by hand ended with code ${code}`)));
      child.once("message", (message: HandMessage) => {
        resolve(message);
        child.disconnect();
      });
      child.send("begin");
    });
}

/** When a release knew that its commit is pushed, or when it ended without. */
function pushedAt(world: WritingWorld, id: string): Promise<number> {
  return until(
    `${id} to be pushed or to end`,
    async () => {
      const [release] = (await world.promotion(id)).releases;
      if (release !== undefined && "end" in release.state) return release.timeline.at(-1)!.at;
      return release?.timeline.find((entry) => entry.step === "pushed")?.at;
    },
    120_000,
  );
}

/** What the branch says in the end, read from Git alone. */
async function count(
  world: WritingWorld,
  crowd: Crowd,
  ids: readonly string[],
  commits: readonly string[],
): Promise<Omit<Outcome, "total_ms">> {
  const log = (await byHand(world.bare, "log", "-z", "--format=%H%n%B", "main")).split("\0");
  const history = new Set(log.map((entry) => entry.slice(0, 40)));
  const times = new Map<string, number>();
  for (const entry of log)
    for (const { key, value } of trailersOf(entry.slice(41)))
      if (key === "Sluice-Release") times.set(value, (times.get(value) ?? 0) + 1);
  const texts = new Map<string, string>();
  const stands = async (file: string, line: string): Promise<boolean> => {
    const text = texts.get(file) ?? (await byHand(world.bare, "show", `main:${file}`).catch(() => ""));
    texts.set(file, text);
    return text.split("\n").includes(line);
  };
  let landed = 0;
  for (const [index, id] of ids.entries()) {
    const { file, line } = crowd.releaseLine(index);
    if (times.has(`${id}/prod`) && (await stands(file, line))) landed++;
  }
  let lost = 0;
  for (const [turn, commit] of commits.entries())
    if (!history.has(commit) || !(await stands(crowd.handFile(turn), crowd.handLine(turn)))) lost++;
  const doubled = [...times.values()].filter((each) => each > 1).length;
  return { releases, landed, doubled, foreign_lost: lost };
}
