import { expect, test } from "vitest";
import type { KubeObject } from "../../model/kubernetes.ts";
import { parseBehaviour } from "./behaviour.ts";
import { type PodRun, podStatus } from "./status.ts";
import { takenOver } from "./takeover.ts";

const begin = Date.UTC(2026, 0, 1);
const pod: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web-1", namespace: "shop", uid: "u" },
  spec: { containers: [{ name: "web", image: "web:1" }] },
};
function run(behaviour: string, startedAt: number, pulledAt: number): PodRun {
  const pull = { found: true, digest: "sha256:0", behaviour: parseBehaviour(behaviour) } as const;
  return { pod, startedAt, pulls: new Map([["web:1", pull]]), pulledAt, tries: 1 };
}

test.each(["", "crash", "crash-after=5s", "never-ready"])(
  "a pod that behaves as %j goes on after a new start as without one",
  (behaviour) => {
    const before = run(behaviour, begin, begin);
    const left = { ...pod, status: podStatus(before, begin + 20_000).status };
    const found = takenOver(left)!;
    expect(found.isRunning).toBe(true);
    const after = run(behaviour, found.startedAt, found.pulledAt);
    for (const ms of [20_000, 61_000, 300_000])
      expect(podStatus(after, begin + ms).status).toEqual(podStatus(before, begin + ms).status);
  },
);

test("a pod nobody started is not taken over", () => {
  expect(takenOver(pod)).toBeUndefined();
});

test("a pod whose image was never there is not one that runs", () => {
  const missing: PodRun = { ...run("", begin, begin), pulls: new Map([["web:1", { found: false, message: "no" }]]) };
  const left = { ...pod, status: podStatus(missing, begin + 20_000).status };
  expect(takenOver(left)).toMatchObject({ startedAt: begin, isRunning: false });
});
