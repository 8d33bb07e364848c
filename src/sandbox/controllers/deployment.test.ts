import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../model/kubernetes.ts";
import { kinds, type View } from "./controller.ts";
import { deploymentController } from "./deployment.ts";
import { revisionOf } from "./rollout.ts";
import { amount, type Condition } from "./shapes.ts";

const begin = Date.UTC(2026, 0, 1);

/** A Deployment and its replica sets, with the part of a replica set's controller played by the test. */
class World {
  deployment: KubeObject;
  sets: KubeObject[] = [];
  now = begin;
  told: string[] = [];
  constructor(spec: object) {
    this.deployment = {
      ...kinds.deployment,
      metadata: { name: "web", namespace: "shop", uid: "d", generation: 1 },
      spec: { replicas: 3, selector: { matchLabels: { app: "web" } }, template: template("web:1"), ...spec },
    };
  }
  change(spec: object): void {
    const { metadata } = this.deployment;
    this.deployment = {
      ...this.deployment,
      metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 },
      spec: { ...(this.deployment.spec as object), ...spec },
    };
  }
  /** One decision, carried out; answers how many actions it had. */
  decide(): number {
    const view: View = {
      now: this.now,
      random: () => 0.5,
      owned: (kind) => (kind.kind === "ReplicaSet" ? this.sets : []),
      all: () => [],
      refusal: undefined,
    };
    const { actions, status } = deploymentController.decide(this.deployment, view);
    for (const action of actions) {
      if (action.event !== undefined) this.told.push(action.event.message);
      if (action.do === "create")
        this.sets.push({
          ...action.object,
          metadata: {
            ...action.object.metadata,
            creationTimestamp: new Date(this.now + this.sets.length).toISOString(),
          },
        });
      if (action.do === "update" && action.object.kind === "ReplicaSet")
        this.sets = this.sets.map((set) => (set.metadata.name === action.object.metadata.name ? action.object : set));
      if (action.do === "update" && action.object.kind === "Deployment") this.deployment = action.object;
      if (action.do === "remove") this.sets = this.sets.filter((set) => set !== action.object);
    }
    this.deployment = { ...this.deployment, status };
    return actions.length;
  }
  /** Lets a replica set have the pods asked for, of which so many are available. */
  run(set: KubeObject, available: number): void {
    const { replicas } = set.spec as { replicas: number };
    const count = Math.min(available, replicas);
    const status = { replicas, readyReplicas: count, availableReplicas: count };
    this.sets = this.sets.map((entry) => (entry.metadata.name === set.metadata.name ? { ...set, status } : entry));
  }
  /** Decides and lets pods become available until nothing changes; `works` says of which images they do. */
  settle(works: (image: string) => boolean = () => true): void {
    for (let round = 0; round < 60; round++) {
      const before = JSON.stringify([this.sets, this.deployment]);
      this.decide();
      for (const set of this.sets) this.run(set, works(imageOf(set)) ? 100 : 0);
      this.now += 100;
      if (JSON.stringify([this.sets, this.deployment]) === before) return;
    }
    throw new Error("the rollout does not come to rest");
  }
  /** Available pods that the sizes asked for leave. */
  available(): number {
    const left = this.sets.map((set) => {
      const { availableReplicas = 0 } = (set.status ?? {}) as { availableReplicas?: number };
      return Math.min(availableReplicas, (set.spec as { replicas: number }).replicas);
    });
    return left.reduce((sum, count) => sum + count, 0);
  }
  sizes(): Record<string, number> {
    return Object.fromEntries(this.sets.map((set) => [imageOf(set), (set.spec as { replicas: number }).replicas]));
  }
  condition(type: string): Condition | undefined {
    const { conditions } = this.deployment.status as { conditions: Condition[] };
    return conditions.find((entry) => entry.type === type);
  }
}
function template(image: string) {
  return { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image }] } };
}
function imageOf(set: KubeObject): string {
  const { template } = set.spec as { template: { spec: { containers: { image: string }[] } } };
  return template.spec.containers[0]!.image;
}

describe("a Deployment", () => {
  test("makes one replica set a template, numbered and told apart by its hash", () => {
    const world = new World({});
    world.settle();
    expect(world.sizes()).toEqual({ "web:1": 3 });
    const [set] = world.sets;
    const hash = set!.metadata.labels?.["pod-template-hash"];
    expect(set!.metadata.name).toBe(`web-${hash}`);
    expect(set!.spec).toMatchObject({ selector: { matchLabels: { app: "web", "pod-template-hash": hash } } });
    expect(world.deployment.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("1");
    expect(world.deployment.status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 });
    expect(world.deployment.status).not.toHaveProperty("unavailableReplicas");
    expect(world.condition("Progressing")).toMatchObject({ status: "True", reason: "NewReplicaSetAvailable" });
  });

  test("rolls over, keeps the old replica set, and goes back to it under a new number", () => {
    const world = new World({});
    world.settle();
    world.change({ template: template("web:2") });
    world.settle();
    expect(world.sizes()).toEqual({ "web:1": 0, "web:2": 3 });
    world.change({ template: template("web:1") });
    world.settle();
    expect(world.sizes()).toEqual({ "web:1": 3, "web:2": 0 });
    expect(world.sets.map(revisionOf)).toEqual([3, 2]);
    expect(world.told).toContain(`Scaled up replica set ${world.sets[1]!.metadata.name} from 0 to 1`);
  });

  test("whose new version never works stays available and runs into its deadline", () => {
    const world = new World({ progressDeadlineSeconds: 20 });
    world.settle();
    world.change({ template: template("bad") });
    world.settle((image) => image !== "bad");
    expect(world.sizes()).toEqual({ "web:1": 3, bad: 1 });
    expect(world.condition("Progressing")).toMatchObject({ status: "True" });
    world.now += 25_000;
    world.decide();
    expect(world.condition("Progressing")).toMatchObject({ status: "False", reason: "ProgressDeadlineExceeded" });
    expect(world.condition("Available")).toMatchObject({ status: "True" });
    world.change({ template: template("web:1") });
    world.settle((image) => image !== "bad");
    expect(world.condition("Progressing")).toMatchObject({ status: "True", reason: "NewReplicaSetAvailable" });
    expect(world.sizes()).toEqual({ "web:1": 3, bad: 0 });
  });

  test("whose pods crash after the rollout keeps saying that it progressed", () => {
    const world = new World({});
    world.settle();
    world.run(world.sets[0]!, 0);
    world.now += 3_600_000;
    world.decide();
    expect(world.condition("Progressing")).toMatchObject({ status: "True", reason: "NewReplicaSetAvailable" });
    expect(world.condition("Available")).toMatchObject({ status: "False", reason: "MinimumReplicasUnavailable" });
    expect(world.deployment.status).not.toHaveProperty("readyReplicas");
  });

  test("that recreates stops every old pod first", () => {
    const world = new World({ strategy: { type: "Recreate" } });
    world.settle();
    world.change({ template: template("web:2") });
    world.decide();
    expect(world.sizes()).toEqual({ "web:1": 0 });
    world.settle();
    expect(world.sizes()).toEqual({ "web:1": 0, "web:2": 3 });
  });

  test("that is paused changes its size only, and rolls on when resumed", () => {
    const world = new World({});
    world.settle();
    world.change({ paused: true, replicas: 5, template: template("web:2") });
    world.settle();
    expect(world.sizes()).toEqual({ "web:1": 5 });
    world.change({ paused: false });
    world.settle();
    expect(world.sizes()).toEqual({ "web:1": 0, "web:2": 5 });
  });

  test("keeps no more old replica sets than asked for", () => {
    const world = new World({ revisionHistoryLimit: 1 });
    for (const image of ["web:1", "web:2", "web:3", "web:4"]) {
      world.change({ template: template(image) });
      world.settle();
    }
    expect(world.sizes()).toEqual({ "web:3": 0, "web:4": 3 });
  });

  test("does nothing more once everything is as it should be", () => {
    const world = new World({});
    world.settle();
    const before = JSON.stringify(world.deployment.status);
    world.now += 60_000;
    expect(world.decide()).toBe(0);
    expect(JSON.stringify(world.deployment.status)).toBe(before);
  });
});

const share = fc.oneof(
  fc.integer({ min: 0, max: 4 }),
  fc.integer({ min: 0, max: 100 }).map((part) => `${part}%`),
);

test("a rolling update keeps to its limits at every step and comes to its end, whichever pods fail meanwhile", () => {
  const pods = fc.nat({ max: 9 });
  const luck = fc.array(fc.tuple(pods, pods), { maxLength: 50 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), share, share, luck, (replicas, maxSurge, maxUnavailable, chances) => {
      const world = new World({ replicas, strategy: { rollingUpdate: { maxSurge, maxUnavailable } } });
      world.settle();
      world.change({ template: template("web:2") });
      const surge = amount(maxSurge, replicas, "up");
      const missing = Math.max(amount(maxUnavailable, replicas, "down"), surge === 0 ? 1 : 0);
      for (const [old, fresh] of chances) {
        const before = world.available();
        world.decide();
        const asked = Object.values(world.sizes()).reduce((sum, size) => sum + size, 0);
        expect(asked).toBeLessThanOrEqual(replicas + surge);
        // Pods that work are the last a replica set gives up.
        expect(world.available()).toBeGreaterThanOrEqual(Math.min(before, replicas - missing));
        for (const set of world.sets) world.run(set, imageOf(set) === "web:1" ? old : fresh);
      }
      world.settle();
      expect(world.sizes()).toEqual({ "web:1": 0, "web:2": replicas });
    }),
  );
});
