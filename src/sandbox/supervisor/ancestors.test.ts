import { expect, test } from "vitest";
import { ancestorsToWatch, type ProcessFacts, readProcess } from "./ancestors.ts";

const scripted = { npm_lifecycle_event: "demo" };
function family(...processes: [pid: number, parent: number, environment?: Record<string, string>, session?: number][]) {
  const all = new Map<number, ProcessFacts>(
    processes.map(([pid, parent, environment = {}, session = 1]) => [
      pid,
      { pid, parent, session, startedAt: `t${pid}`, environment: new Map(Object.entries(environment)) },
    ]),
  );
  return (pid: number) => all.get(pid);
}
const watched = (read: ReturnType<typeof family>) => [...ancestorsToWatch(50, read).keys()];

test("a process started by npm through a shell watches the shell, npm and who started npm", () => {
  expect(watched(family([50, 40, scripted], [40, 30, scripted], [30, 20], [20, 10], [10, 1]))).toEqual([40, 30, 20]);
});

test("a process started directly watches its parent", () => {
  expect(watched(family([50, 40], [40, 30], [30, 1]))).toEqual([40]);
});

test("what was detached on purpose outlives who started it, but not npm", () => {
  const inOwnSession = family([50, 40, scripted], [40, 30, scripted], [30, 20, {}, 30], [20, 1]);
  expect(watched(inOwnSession)).toEqual([40, 30]);
  const byNohup = family([50, 40, scripted], [40, 30, scripted], [30, 20, { _: "/usr/bin/nohup" }], [20, 1]);
  expect(watched(byNohup)).toEqual([40, 30]);
  expect(watched(family([50, 40, {}, 50], [40, 1]))).toEqual([]);
});

test("an orphan has nobody to watch", () => {
  expect(watched(family([50, 1]))).toEqual([]);
});

test.runIf(process.platform === "linux")(
  "a running process is read from /proc, and one that is not there is not",
  () => {
    expect(readProcess(process.pid)).toMatchObject({ pid: process.pid, parent: process.ppid });
    expect(readProcess(2 ** 30)).toBeUndefined();
  },
);
