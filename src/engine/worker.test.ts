import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/repository.ts";
import { until } from "../../test/support/until.ts";
import { systemClock } from "../model/ports/clock.ts";
import { silentLog } from "../model/ports/log.ts";
import type { Store } from "../model/ports/store.ts";
import { openSqliteStore } from "../store/store.ts";
import { Worker } from "./worker.ts";

let folder: ReturnType<typeof temporaryFolder>;
let store: Store;
let workers: Worker[];
beforeEach(async () => {
  folder = temporaryFolder();
  store = await openSqliteStore(`${folder.path}/sluice.db`, systemClock);
  workers = [];
});
afterEach(async () => {
  for (const worker of workers) await worker.stop();
  await store.close();
  folder.remove();
});
async function start(handler: (key: string) => Promise<number | undefined>, owner = "me"): Promise<Worker> {
  const worker = new Worker({ store, clock: systemClock, log: silentLog, owner, handlers: { k: handler } });
  workers.push(worker);
  await worker.start();
  return worker;
}

test("work that failed comes again until it comes through, and then no more", async () => {
  let runs = 0;
  await store.work.schedule("a", "k", 0);
  await start(async () => {
    if (++runs < 2) throw new Error("not yet");
    return undefined;
  });
  await until("the second run", () => runs === 2);
  await until("nothing left", async () => (await store.work.nextAt()) === undefined);
});

test("one key is never done by two at once, whoever asks for it meanwhile", async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const handler = async () => {
    most = Math.max(most, ++running);
    runs++;
    if (runs < 20) await store.work.schedule("a", "k", 0);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return undefined;
  };
  await start(handler, "one");
  await start(handler, "two");
  await store.work.schedule("a", "k", 0);
  await until("all runs", () => runs >= 20);
  expect(most).toBe(1);
});

test("a server that comes back does at once what its earlier life had begun", async () => {
  await store.work.schedule("a", "k", 0);
  await store.work.claim("me", Date.now(), 3_600_000, 1);
  await store.work.schedule("b", "k", 0);
  await store.work.claim("another server", Date.now(), 3_600_000, 1);
  const done: string[] = [];
  await start(async (key) => {
    done.push(key);
    return undefined;
  });
  await until("a", () => done.includes("a"));
  expect(done).toEqual(["a"]);
});

test("stopping waits for what is being done and begins nothing new", async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  let ended = false;
  await store.work.schedule("a", "k", 0);
  const worker = await start(async () => {
    begun.resolve();
    await finish.promise;
    ended = true;
    return Date.now();
  });
  await begun.promise;
  const stopped = worker.stop();
  setImmediate(() => finish.resolve());
  await stopped;
  expect(ended).toBe(true);
  expect(await store.work.nextAt()).toBeDefined();
});
