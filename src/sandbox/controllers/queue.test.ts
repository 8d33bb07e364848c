import { expect, test } from "vitest";
import { systemClock } from "../../model/ports/clock.ts";
import { WorkQueue } from "./queue.ts";

/** Work whose every run waits until the test lets it end. */
function held() {
  const begun: string[] = [];
  const waiting: { key: string; end: (error?: Error) => void }[] = [];
  const watchers: (() => void)[] = [];
  const work = (key: string) =>
    new Promise<void>((resolve, reject) => {
      begun.push(key);
      waiting.push({ key, end: (error) => (error === undefined ? resolve() : reject(error)) });
      for (const watcher of watchers.splice(0)) watcher();
    });
  const next = () => new Promise<void>((resolve) => watchers.push(resolve));
  return { begun, waiting, work, next };
}

test("a key is worked on once at a time, and once more when it was woken meanwhile", async () => {
  const { begun, waiting, work, next } = held();
  const queue = new WorkQueue(systemClock, 8, work);
  for (let times = 0; times < 3; times++) queue.wake("a");
  expect(begun).toEqual(["a"]);
  const again = next();
  waiting[0]!.end();
  await again;
  expect(begun).toEqual(["a", "a"]);
  waiting[1]!.end();
  await queue.stop();
  expect(begun).toEqual(["a", "a"]);
});

test("no more keys are worked on side by side than allowed", async () => {
  const { begun, waiting, work, next } = held();
  const queue = new WorkQueue(systemClock, 2, work);
  for (const key of ["a", "b", "c"]) queue.wake(key);
  expect(begun).toEqual(["a", "b"]);
  const third = next();
  waiting[0]!.end();
  await third;
  expect(begun).toEqual(["a", "b", "c"]);
  for (const { end } of waiting) end();
  await queue.stop();
});

test("work that fails is tried again", async () => {
  const { begun, waiting, work, next } = held();
  const queue = new WorkQueue(systemClock, 8, work);
  queue.wake("a");
  const again = next();
  waiting[0]!.end(new Error("conflict"));
  await again;
  expect(begun).toEqual(["a", "a"]);
  waiting[1]!.end();
  await queue.stop();
});

test("stopping waits for what runs and begins nothing more", async () => {
  const { begun, waiting, work } = held();
  const queue = new WorkQueue(systemClock, 1, work);
  queue.wake("a");
  queue.wake("b");
  queue.wakeAt("c", 0);
  let isStopped = false;
  const stopped = queue.stop().then(() => {
    isStopped = true;
  });
  await Promise.resolve();
  expect(isStopped).toBe(false);
  waiting[0]!.end();
  await stopped;
  expect(begun).toEqual(["a"]);
});
