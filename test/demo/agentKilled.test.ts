import { afterAll, beforeAll, expect, test } from "vitest";
import type { SluiceEvent } from "../../src/model/event.ts";
import { stateWord } from "../../src/model/release.ts";
import type { EnvironmentView, MatrixView, PromotionView } from "../../src/model/views.ts";
import { temporaryFolder } from "../support/repository.ts";
import { until } from "../support/until.ts";
import { build, healthyWith, running, settled } from "./seen.ts";
import { processesOf, type StartedTrial, startTrial, stopTrial } from "./trial.ts";

const folder = temporaryFolder();
const catalogue = "shop:deployment/catalogue";
const search = "shop:deployment/search";
let trial: StartedTrial;

beforeAll(async () => {
  trial = await startTrial(folder.path, "node", ["bin/sluice.mjs", "demo", "--port", "0"]);
  await settled(trial);
});
afterAll(async () => {
  await stopTrial(trial);
  folder.remove();
});

const matrix = () => trial.get<MatrixView>("/api/v1/matrix");
async function environment(name: string): Promise<EnvironmentView> {
  return (await matrix()).environments.find((entry) => entry.name === name)!;
}
const view = (id: string) => trial.get<PromotionView>(`/api/v1/promotions/${id}`);
/** The server that was asked is being started again. */
const notYet = () => false as const;
/** Where each release of a promotion stands. */
const steps = (now: PromotionView) =>
  Object.fromEntries(now.releases.map(({ environment: name, state }) => [name, stateWord(state)]));
/** Kills as `kill -9` does and waits until the trial has started another one in its place. */
async function killNine(...words: string[]): Promise<void> {
  const [before, ...others] = processesOf(trial, ...words);
  expect(others).toEqual([]);
  process.kill(before!, "SIGKILL");
  await until(`another process with ${words.join(" ")}`, () => {
    const now = processesOf(trial, ...words);
    return now.length === 1 && now[0] !== before;
  });
}
/** Everything of an environment is unknown, tells since when, and what it was before; never called healthy. */
async function expectUnknown(name: string, after: number): Promise<void> {
  const { rows } = await matrix();
  for (const { id, cells } of rows) {
    const cell = cells[name]!;
    expect(cell.verdict.state, `${id} in ${name}`).toBe("unknown");
    expect(cell.verdict.since).toBeGreaterThanOrEqual(after);
    expect(["healthy", "applied"], `${id} in ${name}: ${JSON.stringify(cell.lastKnown)}`).toContain(
      cell.lastKnown?.state,
    );
  }
}

test("an environment whose agent was killed is unknown since then; a promotion waits for it, says so and goes on by itself", async () => {
  const before = (await environment("prod-eu")).agent.lastSeenAt!;
  await trial.post("/api/v1/trial/stop-agent", { environment: "prod-eu" });
  await until("the agent of prod-eu gone", async () => !(await environment("prod-eu")).agent.connected);
  await expectUnknown("prod-eu", before);
  expect((await trial.cell("prod-us", catalogue))?.verdict.state).toBe("healthy");

  const selection = [{ workload: "catalogue" }];
  const { promotion } = await trial.post<PromotionView>("/api/v1/promotions", { target: "prod", selection });
  const away = (now: PromotionView) =>
    /^the agent of prod-eu is away for .*, so nobody applies the commit$/.test(now.why?.text ?? "");
  const waiting = await until("the promotion to wait for the agent", async () => {
    await expectUnknown("prod-eu", before);
    const now = await view(promotion.id);
    return away(now) && now;
  });
  expect(waiting.promotion.state).toBe("under way");
  expect(steps(waiting)).toEqual({ "prod-eu": "syncing", "prod-us": "queued" });

  // What waits and what is unknown outlives the server, too.
  await killNine("server", "--config");
  const still = await until(
    "the server again",
    () => view(promotion.id).then((now) => away(now) && now, notYet),
    30_000,
  );
  expect(steps(still)).toEqual({ "prod-eu": "syncing", "prod-us": "queued" });
  // A sign of life is kept every 10 s, so a new server may know of one that is a little older.
  await expectUnknown("prod-eu", before - 15_000);

  await trial.post("/api/v1/trial/start-agent", { environment: "prod-eu" });
  for (const name of ["prod-eu", "prod-us"]) await healthyWith(trial, name, catalogue, "1.8.2");
  const done = await until("the promotion to end", async () => {
    const now = await view(promotion.id);
    return now.promotion.endedAt !== undefined && now;
  });
  expect(done.promotion.state).toBe("succeeded");
  await settled(trial);
});

test("an agent that dies is told as away, comes back by itself and says how things are", async () => {
  const told = async () => {
    const { events } = await trial.get<{ events: SluiceEvent[] }>("/api/v1/events?environment=dev&limit=500");
    return events
      .filter(({ type }) => type.startsWith("agent."))
      .sort((a, b) => a.seq - b.seq)
      .map(({ type }) => type);
  };
  const before = await told();
  await killNine("agent", "dev");
  await until("the agent of dev gone and here again", async () => (await told()).length >= before.length + 2);
  expect((await told()).slice(before.length)).toEqual(["agent.away", "agent.here"]);
  await settled(trial);
});

test("a server that dies comes back by itself with all it knew; agents find it again, and the next version goes through", async () => {
  const known = await trial.get<{ items: { promotion: object }[] }>("/api/v1/promotions");
  expect(known.items.length).toBeGreaterThan(0);
  await killNine("server", "--config");
  await until(
    "every agent at the new server",
    () =>
      matrix().then(
        ({ environments }) => environments.length === 5 && environments.every(({ agent }) => agent.connected),
        notYet,
      ),
    30_000,
  );
  const now = await trial.get<{ items: { promotion: object }[] }>("/api/v1/promotions");
  expect(now.items.map((item) => item.promotion)).toEqual(known.items.map((item) => item.promotion));
  const tag = await build(trial, "search");
  await running(trial, "dev", search, tag);
});
