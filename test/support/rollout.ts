import { type Assessment, assess, type HealthMemory } from "../../src/health/assess.ts";
import type { HealthSettings } from "../../src/model/documents.ts";
import type { KubeObject } from "../../src/model/kubernetes.ts";

export const settings: HealthSettings = { settle: 10_000, failAfter: 60_000, deadline: 300_000 };
export const begin = Date.UTC(2026, 0, 1);

interface Rollout {
  readonly generation?: number;
  readonly observed?: number;
  readonly image?: string;
  readonly spec?: object;
  readonly counts?: readonly [total: number, updated: number, ready: number, available: number];
  readonly reason?: string;
}
export function deployment({
  generation = 1,
  observed = generation,
  image = "web:1",
  spec,
  counts = [1, 1, 1, 1],
  reason,
}: Rollout = {}) {
  const [replicas, updatedReplicas, readyReplicas, availableReplicas] = counts;
  const progressing = { type: "Progressing", status: "True", reason: reason ?? "NewReplicaSetAvailable" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", uid: "d", generation },
    spec: { replicas: 1, template: { spec: { containers: [{ name: "web", image }] } }, ...spec },
    status: {
      observedGeneration: observed,
      replicas,
      updatedReplicas,
      readyReplicas,
      availableReplicas,
      conditions: [{ type: "Available", status: "True" }, progressing],
    },
  } satisfies KubeObject;
}
interface PodLook {
  readonly name?: string;
  readonly image?: string;
  readonly phase?: string;
  readonly ready?: boolean;
  readonly waiting?: string;
  readonly restarts?: number;
  readonly ended?: number;
  readonly owner?: string;
  readonly createdAt?: number;
}
export function pod(look: PodLook = {}): KubeObject {
  const {
    name = "web-1",
    image = "web:1",
    phase = "Running",
    ready = true,
    waiting,
    restarts = 0,
    ended,
    owner,
    createdAt,
  } = look;
  const last = {
    terminated: { exitCode: 1, finishedAt: new Date(ended ?? begin).toISOString(), message: "panic: no" },
  };
  const state =
    waiting !== undefined
      ? { waiting: { reason: waiting, message: "because" } }
      : phase === "Failed"
        ? last
        : { running: { startedAt: "x" } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      uid: name,
      creationTimestamp: new Date(createdAt ?? begin).toISOString(),
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: owner, uid: owner }] }),
    },
    spec: { containers: [{ name: "web", image }] },
    status: {
      phase,
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      containerStatuses: [{ name: "web", ready, restartCount: restarts, state, lastState: restarts > 0 ? last : {} }],
    },
  };
}

/** Looks at a workload over time as the agent does: at every change, and whenever the verdict asks to. */
export class Watch {
  memory: HealthMemory | undefined;
  last: Assessment | undefined;
  now = begin;
  readonly #settings: HealthSettings;
  constructor(own: Partial<HealthSettings> = {}) {
    this.#settings = { ...settings, ...own };
  }
  see(object: KubeObject | undefined, pods: readonly KubeObject[] = [], forMs = 0): Assessment["verdict"] {
    const end = this.now + forMs;
    let look = this.#look(object, pods);
    while (look.lookAgainAt !== undefined && look.lookAgainAt <= end) {
      this.now = Math.max(look.lookAgainAt, this.now + 1);
      look = this.#look(object, pods);
    }
    this.now = end;
    return look.verdict;
  }
  #look(object: KubeObject | undefined, pods: readonly KubeObject[]): Assessment {
    this.last = assess(this.memory, object, pods, this.#settings, this.now);
    this.memory = this.last.memory;
    return this.last;
  }
}
