import { expect, test } from "vitest";
import { Refresher } from "./refresher.ts";

test("news that comes while a read is running is read after it, once", async () => {
  const reads: string[][] = [];
  let finish: (() => void) | undefined;
  let started: (() => void) | undefined;
  const next = () =>
    new Promise<void>((resolve) => {
      started = resolve;
    });
  const refresher = new Refresher((keys) => {
    reads.push([...keys]);
    started?.();
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  }, 0);
  const first = next();
  refresher.add(["matrix"]);
  await first;
  const second = next();
  refresher.add(["matrix"]);
  refresher.add(["events", "matrix"]);
  expect(reads).toEqual([["matrix"]]);
  finish?.();
  await second;
  expect(reads).toEqual([["matrix"], ["matrix", "events"]]);
  finish?.();
});
