import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { begin, deployment, pod, settings, Watch } from "../../test/support/rollout.ts";
import type { KubeObject } from "../model/kubernetes.ts";

const rolling = { counts: [2, 1, 1, 1], reason: "ReplicaSetUpdated" } as const;

describe("a rollout that goes well", () => {
  test("is healthy only after it settled", () => {
    const watch = new Watch();
    expect(watch.see(deployment(rolling), [pod({ ready: false })], 5_000).state).toBe("rolling out");
    expect(watch.see(deployment(), [pod()], 9_999)).toMatchObject({ state: "rolling out", settlesAt: begin + 15_000 });
    watch.now++;
    expect(watch.see(deployment(), [pod()]).state).toBe("healthy");
  });
  test("is never called healthy by the counters of the generation before", () => {
    const watch = new Watch();
    watch.see(deployment(), [pod()], 20_000);
    expect(watch.see(deployment({ generation: 2, observed: 1, image: "web:2" }), [pod()], 60_000).state).toBe(
      "rolling out",
    );
  });
  test("is asked about again when it settles, without anything changing", () => {
    expect(new Watch().see(deployment(), [pod()], 10_000).state).toBe("healthy");
  });
  test("a break starts the settling anew", () => {
    const watch = new Watch();
    watch.see(deployment(), [pod()], 9_000);
    watch.see(deployment(rolling), [pod({ ready: false })], 100);
    expect(watch.see(deployment(), [pod()], 9_000).state).toBe("rolling out");
  });
});

describe("an error", () => {
  test.each(["ErrImagePull", "ImagePullBackOff", "CreateContainerConfigError", "CrashLoopBackOff", "SomethingNew"])(
    "%s is told at once and is a failure after failAfter",
    (waiting) => {
      const watch = new Watch();
      const bad = [pod({ waiting, ready: false, phase: "Pending" })];
      expect(watch.see(deployment(rolling), bad)).toMatchObject({
        state: "rolling out",
        failsAt: begin + 60_000,
        evidence: [{ object: "pod web-1", reason: waiting, since: begin }],
      });
      expect(watch.see(deployment(rolling), bad, 59_999).state).toBe("rolling out");
      watch.now++;
      expect(watch.see(deployment(rolling), bad)).toMatchObject({ state: "failed", evidence: [{ reason: waiting }] });
    },
  );
  test("taking turns with another keeps the time it was first seen", () => {
    const watch = new Watch();
    watch.see(deployment(rolling), [pod({ waiting: "ErrImagePull", ready: false })], 30_000);
    const verdict = watch.see(deployment(rolling), [pod({ waiting: "ImagePullBackOff", ready: false })], 30_000);
    expect(verdict).toMatchObject({ state: "failed", evidence: [{ since: begin }] });
  });
  test("that is over for a settle while the rollout goes on is forgiven", () => {
    const watch = new Watch();
    watch.see(deployment(rolling), [pod({ waiting: "ErrImagePull", ready: false })], 5_000);
    expect(watch.see(deployment(rolling), [pod({ ready: false })], 70_000).state).toBe("rolling out");
  });
  test("of an old version's pod is not the new version's", () => {
    const watch = new Watch();
    const old = pod({ name: "web-old", image: "web:0", waiting: "CrashLoopBackOff", ready: false });
    const verdict = watch.see(deployment({ ...rolling, generation: 2 }), [old, pod({ ready: false })], 70_000);
    expect(verdict).toMatchObject({ state: "rolling out", evidence: [] });
  });
  test("counts when something rewrites images, so that every pod looks like an old one", () => {
    const mirrored = pod({ image: "mirror/web:1", waiting: "CrashLoopBackOff", ready: false });
    expect(new Watch().see(deployment({ counts: [1, 1, 0, 0] }), [mirrored], 60_000).state).toBe("failed");
  });
  test("that keeps pods from being made is told from the condition", () => {
    const object = deployment({ ...rolling });
    const failure = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "exceeded quota" };
    const status = { ...object.status, conditions: [...object.status.conditions, failure] };
    expect(new Watch().see({ ...object, status })).toMatchObject({ message: "FailedCreate: exceeded quota" });
  });
  test("of a pod without a node is told after 15 seconds", () => {
    const unplaced = pod({ phase: "Pending", ready: false });
    const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" };
    const waiting = { ...unplaced, status: { phase: "Pending", conditions: [condition] } };
    const watch = new Watch();
    expect(watch.see(deployment(rolling), [waiting], 14_999).evidence).toEqual([]);
    watch.now++;
    expect(watch.see(deployment(rolling), [waiting]).evidence).toMatchObject([{ reason: "Unschedulable" }]);
  });
});

describe("crashes", () => {
  test.each([-3_600_000, 0, 3_600_000])(
    "5 s after ready end as failed, never healthy, with a kubelet's clock off by %i ms",
    (skew) => {
      const watch = new Watch();
      const states = new Set<string>();
      for (let restarts = 0; restarts < 9; restarts++) {
        const ended = watch.now + skew;
        states.add(watch.see(deployment(), [pod({ restarts, ended })], 5_000).state);
        const crashed = pod({ waiting: "CrashLoopBackOff", ready: false, restarts, ended });
        states.add(watch.see(deployment({ counts: [1, 1, 0, 0] }), [crashed], 3_000).state);
      }
      expect([...states]).toEqual(["rolling out", "failed"]);
    },
  );
  test("one restart delays healthy and is forgiven", () => {
    const watch = new Watch();
    watch.see(deployment(), [pod()], 1_000);
    expect(watch.see(deployment(), [pod({ restarts: 1 })], 10_000)).toMatchObject({ state: "rolling out" });
    expect(watch.see(deployment(), [pod({ restarts: 1 })], 11_000).state).toBe("healthy");
  });
  test("that a kubelet dates an hour back are still news to us", () => {
    const watch = new Watch();
    watch.see(deployment(), [pod()], 9_000);
    const crashed = pod({ restarts: 1, ended: watch.now - 3_600_000 });
    expect(watch.see(deployment(), [crashed], 1_000)).toMatchObject({
      state: "rolling out",
      evidence: [{ reason: "Restarted", message: "ended with exit code 1: panic: no; restarted once" }],
    });
  });
  test("of long ago do not count when the agent starts", () => {
    const old = pod({ restarts: 7, ended: begin - 86_400_000 });
    expect(new Watch().see(deployment(), [old], 10_000).state).toBe("healthy");
  });
});

describe("no progress", () => {
  const stuck = deployment({ counts: [2, 1, 1, 1], reason: "ReplicaSetUpdated" });
  test("for the deadline is a failure that shows the pods that are not ready", () => {
    const watch = new Watch();
    expect(watch.see(stuck, [pod({ ready: false })], 299_999).state).toBe("rolling out");
    watch.now++;
    expect(watch.see(stuck, [pod({ ready: false })])).toMatchObject({
      state: "failed",
      evidence: [{ object: "pod web-1", reason: "NotReady" }, { reason: "NoProgress" }],
    });
  });
  test("is measured by the Deployment's own deadline where that is shorter", () => {
    const hasty = deployment({ ...rolling, spec: { progressDeadlineSeconds: 20 } });
    expect(new Watch().see(hasty, [pod({ ready: false })], 20_000).state).toBe("failed");
  });
  test("is not what pods make that come and go", () => {
    const watch = new Watch();
    let state = "";
    for (let turn = 0; turn < 31; turn++)
      state = watch.see(
        deployment({ counts: [1, 1, turn % 2, turn % 2], reason: "ReplicaSetUpdated" }),
        [],
        10_000,
      ).state;
    expect(state).toBe("failed");
  });
  test("starts to count when something leaves a state that was clean for days", () => {
    const watch = new Watch();
    watch.see(deployment(rolling), [], 1_000);
    expect(watch.see(deployment(), [pod()], 86_400_000).state).toBe("healthy");
    expect(watch.see(deployment(rolling), [pod({ ready: false })], 1_000).state).toBe("rolling out");
  });
  test("is not when new pods come one by one after all old ones went", () => {
    const watch = new Watch();
    const recreated = { generation: 2, spec: { replicas: 3, strategy: { type: "Recreate" } } };
    watch.see(deployment({ ...recreated, counts: [3, 0, 3, 3] }), [], 1_000);
    for (let ready = 0; ready < 3; ready++)
      expect(watch.see(deployment({ ...recreated, counts: [3, 3, ready, ready] }), [], 200_000).state).toBe(
        "rolling out",
      );
  });
  test("is also what old pods do that come back meanwhile", () => {
    const watch = new Watch();
    let state = "";
    for (const ready of [0, 1, 2, 3])
      state = watch.see(deployment({ spec: { replicas: 3 }, counts: [4, 1, ready, ready] }), [], 100_000).state;
    expect(state).toBe("failed");
  });
  test("is not when pods follow each other slowly", () => {
    const watch = new Watch();
    for (let ready = 0; ready < 4; ready++)
      expect(watch.see(deployment({ spec: { replicas: 5 }, counts: [5, 5, ready, ready] }), [], 200_000).state).toBe(
        "rolling out",
      );
  });
});

test("a new generation starts afresh, and a rollback recovers", () => {
  const watch = new Watch();
  const bad = pod({ name: "bad", image: "web:2", waiting: "ImagePullBackOff", ready: false });
  const broken = deployment({ generation: 2, image: "web:2", ...rolling });
  expect(watch.see(broken, [pod(), bad], 60_000).state).toBe("failed");
  const back = { generation: 3, image: "web:1" };
  expect(watch.see(deployment({ ...back, ...rolling }), [pod(), bad], 500)).toMatchObject({
    state: "rolling out",
    evidence: [],
  });
  expect(watch.see(deployment(back), [pod()], 10_000).state).toBe("healthy");
});

test("what Git names and the cluster does not have is missing", () => {
  expect(new Watch().see(undefined).state).toBe("missing");
});

test("evicted pods that were replaced long since do not count", () => {
  const evicted = pod({ name: "web-0", phase: "Failed", ready: false });
  expect(new Watch().see(deployment(), [evicted, pod()], 10_000).state).toBe("healthy");
});

describe("a CronJob", () => {
  const template = { spec: { containers: [{ name: "web", image: "web:1" }] } };
  const cron: KubeObject = {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "web", uid: "c", generation: 1 },
    spec: { jobTemplate: { spec: { template } } },
  };
  const run = (owner: string, phase: string, image = "web:1") =>
    pod({ name: owner, owner, phase, image, ready: false, createdAt: begin + Number(owner) });
  const completed = (owner: string, image?: string) => {
    const made = run(owner, "Succeeded", image);
    return { ...made, status: { phase: "Succeeded" } };
  };
  test("that never ran is applied", () => {
    expect(new Watch().see(cron, [], 20_000).state).toBe("applied");
  });
  test("whose version never ran is applied, whatever runs before made", () => {
    expect(new Watch().see(cron, [run("1", "Failed", "web:0")], 70_000).state).toBe("applied");
    expect(new Watch().see(cron, [completed("1", "web:0")], 70_000).state).toBe("applied");
  });
  test("whose last run completed is healthy, also while the next one runs", () => {
    expect(new Watch().see(cron, [run("1", "Failed"), completed("2"), run("3", "Running")], 10_000).state).toBe(
      "healthy",
    );
  });
  test("whose last run failed is failed with the evidence of its pod", () => {
    const verdict = new Watch().see(cron, [completed("1"), run("2", "Failed")], 60_000);
    expect(verdict).toMatchObject({
      state: "failed",
      evidence: [{ object: "pod 2", message: "ended with exit code 1: panic: no" }],
    });
  });
});

describe("a Job", () => {
  const job = (status: object): KubeObject => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "migrate", uid: "j", generation: 1 },
    spec: {},
    status,
  });
  test("that completed at the second try is healthy", () => {
    const complete = job({ succeeded: 1, conditions: [{ type: "Complete", status: "True" }] });
    expect(new Watch().see(complete, [pod({ phase: "Failed", ready: false })], 10_000).state).toBe("healthy");
  });
  test("that tries again tells the failed try and is no failure yet", () => {
    const verdict = new Watch().see(
      job({ active: 1, startTime: "x" }),
      [pod({ phase: "Failed" }), pod({ name: "b" })],
      70_000,
    );
    expect(verdict).toMatchObject({ state: "rolling out", evidence: [{ object: "pod web-1" }] });
  });
  test("that gave up is failed at once", () => {
    const given = job({ failed: 1, conditions: [{ type: "Failed", status: "True", message: "limit" }] });
    expect(new Watch().see(given, [pod({ phase: "Failed" })])).toMatchObject({
      state: "failed",
      evidence: [{ object: "pod web-1" }],
    });
  });
});

const stepArbitrary = fc.record({
  wait: fc.integer({ min: 0, max: 30_000 }),
  generation: fc.integer({ min: 1, max: 2 }),
  behind: fc.boolean(),
  ready: fc.integer({ min: 0, max: 1 }),
  waiting: fc.option(fc.constantFrom("ErrImagePull", "CrashLoopBackOff", "ContainerCreating"), { nil: undefined }),
  crashes: fc.constantFrom(0, 0, 0, 1),
});
type Step = (typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never) & { readonly restarts: number };
/** A container's restarts only ever grow. */
function added<T extends { readonly crashes: number }>(steps: readonly T[]): (T & { readonly restarts: number })[] {
  let restarts = 0;
  return steps.map((step) => {
    restarts += step.crashes;
    return { ...step, restarts };
  });
}

/** Whether a step shows nothing wrong, said apart from the code under test. */
function isClean(step: Step, before: Step | undefined): boolean {
  const isCalm = step.waiting === undefined || step.waiting === "ContainerCreating";
  return step.ready === 1 && !step.behind && isCalm && (before === undefined || step.restarts === before.restarts);
}
function seeStep(watch: Watch, step: Step) {
  const counts = [1, 1, step.ready, step.ready] as const;
  const observed = step.behind ? step.generation - 1 : step.generation;
  const look = { ready: step.ready === 1, restarts: step.restarts, ended: watch.now };
  const seen = step.waiting === undefined ? pod(look) : pod({ ...look, waiting: step.waiting });
  return watch.see(deployment({ generation: step.generation, observed, counts }), [seen], step.wait);
}

test("whatever happens: healthy only after a clean settle in one generation, failed never without evidence", () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { minLength: 1, maxLength: 30 }), (steps) => {
      const watch = new Watch();
      let before: Step | undefined;
      let cleanFor = 0;
      for (const step of added(steps)) {
        const clean = isClean(step, before);
        if (!clean || before?.generation !== step.generation) cleanFor = 0;
        const verdict = seeStep(watch, step);
        // A restart seen now lets the rest of this step be clean at best.
        cleanFor = clean || step.restarts !== before?.restarts ? cleanFor + step.wait : 0;
        if (verdict.state === "healthy") expect(cleanFor).toBeGreaterThanOrEqual(settings.settle);
        if (verdict.state === "failed") expect(verdict.evidence.length).toBeGreaterThan(0);
        const isWrong = step.waiting !== undefined && step.waiting !== "ContainerCreating";
        if (isWrong) expect(verdict.evidence).toMatchObject([{ reason: step.waiting }]);
        before = step;
      }
    }),
  );
});
