import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../model/kubernetes.ts";
import { type Pull, parseBehaviour } from "./behaviour.ts";
import { type PodRun, podStatus } from "./status.ts";

const begin = Date.UTC(2026, 0, 1);
interface Status {
  phase: string;
  conditions: { type: string; status: string; lastTransitionTime: string }[];
  containerStatuses: Container[];
  initContainerStatuses?: Container[];
}
interface Container {
  ready: boolean;
  restartCount: number;
  imageID: string;
  state: { waiting?: { reason: string; message?: string }; running?: object; terminated?: { exitCode: number } };
  lastState: { terminated?: { exitCode: number; finishedAt: string } };
}

function run(image: string | undefined, own: { restartPolicy?: string; init?: string; beside?: string } = {}): PodRun {
  const name = { name: "web", image: "web:1" };
  const inits = [
    ...(own.init === undefined ? [] : [{ name: "init", image: "init:1" }]),
    ...(own.beside === undefined ? [] : [{ name: "beside", image: "beside:1", restartPolicy: "Always" }]),
  ];
  const pod: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web-1", namespace: "shop", uid: "u" },
    spec: {
      containers: [name],
      ...(inits.length === 0 ? {} : { initContainers: inits }),
      ...(own.restartPolicy === undefined ? {} : { restartPolicy: own.restartPolicy }),
    },
  };
  const found = (label: string): Pull => ({ found: true, digest: "sha256:0", behaviour: parseBehaviour(label) });
  const pulls = new Map<string, Pull>([
    ["web:1", image === undefined ? { found: false, message: "web:1: not found" } : found(image)],
    ["init:1", found(own.init ?? "")],
    ["beside:1", found(own.beside ?? "")],
  ]);
  return { pod, startedAt: begin, pulls, pulledAt: begin, tries: 1 };
}
function at(pod: PodRun, ms: number): Status & { web: Container; ready: boolean } {
  const status = podStatus(pod, begin + ms).status as unknown as Status;
  const ready = status.conditions.find((entry) => entry.type === "Ready")?.status === "True";
  return { ...status, web: status.containerStatuses[0]!, ready };
}

test("a pod is created, starts, and becomes ready when its image says", () => {
  const pod = run("ready-after=2s");
  expect(at(pod, 0)).toMatchObject({ phase: "Pending", web: { state: { waiting: { reason: "ContainerCreating" } } } });
  expect(at(pod, 200)).toMatchObject({ phase: "Running", ready: false, web: { state: { running: {} } } });
  expect(at(pod, 2_100)).toMatchObject({ ready: true, web: { imageID: "web@sha256:0", restartCount: 0 } });
  const ready = at(pod, 60_000).conditions.find((entry) => entry.type === "Ready");
  expect(ready?.lastTransitionTime).toBe("2026-01-01T00:00:02Z");
});

test("a pod that never gets ready runs on", () => {
  expect(at(run("never-ready"), 3_600_000)).toMatchObject({ phase: "Running", ready: false, web: { restartCount: 0 } });
});

test("an image that is not there is an error first, and then waited for", () => {
  const pod = run(undefined);
  expect(at(pod, 200).web.state.waiting).toEqual({ reason: "ErrImagePull", message: "web:1: not found" });
  expect(at(pod, 1_000).web.state.waiting).toEqual({
    reason: "ImagePullBackOff",
    message: 'Back-off pulling image "web:1": ErrImagePull: web:1: not found',
  });
  expect(at(pod, 1_000)).toMatchObject({ phase: "Pending", web: { imageID: "" } });
});

describe("a crash", () => {
  test("at once is followed by one restart, then by longer and longer waits", () => {
    const pod = run("crash");
    expect(at(pod, 260).web).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 1 } } });
    expect(at(pod, 360).web).toMatchObject({
      restartCount: 1,
      state: { running: {} },
      lastState: { terminated: { exitCode: 1 } },
    });
    expect(at(pod, 700).web).toMatchObject({
      restartCount: 1,
      ready: false,
      state: {
        waiting: {
          reason: "CrashLoopBackOff",
          message: "back-off 1s restarting failed container=web pod=web-1_shop(u)",
        },
      },
    });
    expect(at(pod, 60_000).web.restartCount).toBeLessThan(8);
  });
  test("5 s after ready is seen as ready before and as restarted after", () => {
    const pod = run("crash-after=5s");
    expect(at(pod, 5_000).ready).toBe(true);
    expect(at(pod, 5_150)).toMatchObject({ ready: false, web: { state: { terminated: { exitCode: 1 } } } });
    expect(at(pod, 6_000)).toMatchObject({
      ready: true,
      web: { restartCount: 1, lastState: { terminated: { exitCode: 1 } } },
    });
    expect(at(pod, 6_000).web.lastState.terminated?.finishedAt).toBe("2026-01-01T00:00:05Z");
  });
});

describe("a Job's pod", () => {
  test("that may not restart ends well or as failed", () => {
    expect(at(run("", { restartPolicy: "Never" }), 5_000)).toMatchObject({
      phase: "Succeeded",
      web: { state: { terminated: { exitCode: 0 } } },
    });
    expect(at(run("crash", { restartPolicy: "Never" }), 5_000)).toMatchObject({
      phase: "Failed",
      web: { restartCount: 0 },
    });
  });
  test("that restarts on failure goes on trying", () => {
    expect(at(run("crash", { restartPolicy: "OnFailure" }), 5_000)).toMatchObject({ phase: "Running" });
    expect(at(run("", { restartPolicy: "OnFailure" }), 5_000)).toMatchObject({ phase: "Succeeded" });
  });
});

describe("init containers", () => {
  test("end before the others start", () => {
    const pod = run("", { init: "" });
    expect(at(pod, 150)).toMatchObject({
      phase: "Pending",
      web: { state: { waiting: { reason: "PodInitializing" } } },
    });
    expect(at(pod, 2_000)).toMatchObject({
      ready: true,
      initContainerStatuses: [{ state: { terminated: { exitCode: 0 } } }],
    });
  });
  test("that crash keep the others waiting", () => {
    const status = at(run("", { init: "crash" }), 800);
    expect(status).toMatchObject({
      phase: "Pending",
      initContainerStatuses: [{ restartCount: 1, state: { waiting: { reason: "CrashLoopBackOff" } } }],
      web: { state: { waiting: { reason: "PodInitializing" } } },
    });
  });
  test("that run beside the others do not hold them up", () => {
    expect(at(run("", { beside: "" }), 2_000)).toMatchObject({
      ready: true,
      initContainerStatuses: [{ state: { running: {} } }],
    });
  });
});

test("a status changes only when it said it would", () => {
  const labels = fc.constantFrom("", "crash", "crash-after=3s", "never-ready", "ready-after=1s");
  const policies = fc.constantFrom("Always", "Never", "OnFailure");
  const times = fc.tuple(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 90_000 }));
  fc.assert(
    fc.property(
      labels,
      policies,
      fc.option(labels, { nil: undefined }),
      times,
      (label, restartPolicy, init, [a, b]) => {
        const pod = run(label, { restartPolicy, ...(init === undefined ? {} : { init }) });
        const early = podStatus(pod, begin + Math.min(a, b));
        const until = early.nextAt ?? Infinity;
        const later = podStatus(pod, Math.min(begin + Math.max(a, b), until - 1));
        expect(later.status).toEqual(early.status);
      },
    ),
  );
});
