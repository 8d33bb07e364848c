import { expect, test } from "vitest";
import type { KubeObject } from "../model/kubernetes.ts";
import { type KStatus, kstatus } from "./kstatus.ts";

function object(apiVersion: string, kind: string, spec: object, status?: object): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name: "web", generation: 2 },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}
const available = { type: "Available", status: "True" };
const progressed = { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" };
const timedOut = { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" };
const done = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
const good = { ...done, conditions: [available, progressed] };
const deployment = (status?: object, spec: object = {}) =>
  object("apps/v1", "Deployment", { replicas: 3, ...spec }, status);
const set = (status?: object, spec: object = {}) => object("apps/v1", "StatefulSet", { replicas: 3, ...spec }, status);
const same = { currentRevision: "b", updateRevision: "b" };
const daemon = (status?: object) => object("apps/v1", "DaemonSet", {}, status);
const spread = { observedGeneration: 2, desiredNumberScheduled: 2, currentNumberScheduled: 2 };
const job = (status?: object) => object("batch/v1", "Job", {}, status);

const rows: readonly (readonly [string, KubeObject, KStatus])[] = [
  [
    "a Deployment whose counters speak of the generation before",
    deployment({ ...good, observedGeneration: 1 }),
    "InProgress",
  ],
  ["a Deployment nobody looked at", deployment(), "InProgress"],
  ["a Deployment with all pods updated, ready and available", deployment(good), "Current"],
  ["a Deployment whose updated counter is missing", deployment({ ...good, updatedReplicas: undefined }), "InProgress"],
  ["a Deployment with old pods still there", deployment({ ...good, replicas: 4 }), "InProgress"],
  [
    "a Deployment with a pod that is ready and not yet available",
    deployment({ ...good, availableReplicas: 2 }),
    "InProgress",
  ],
  [
    "a Deployment past its deadline, though available",
    deployment({ ...good, conditions: [available, timedOut] }),
    "Failed",
  ],
  ["a Deployment without minimum availability", deployment({ ...good, conditions: [progressed] }), "InProgress"],
  [
    "a Deployment scaled to 0",
    deployment({ observedGeneration: 2, conditions: [available, progressed] }, { replicas: 0 }),
    "Applied",
  ],
  [
    "a Deployment being deleted",
    { ...deployment(good), metadata: { name: "web", deletionTimestamp: "x" } },
    "Terminating",
  ],
  ["a StatefulSet of one revision", set({ ...done, ...same }), "Current"],
  ["a StatefulSet between two revisions", set({ ...done, ...same, currentRevision: "a" }), "InProgress"],
  [
    "a StatefulSet updated down to its partition",
    set(
      { ...done, updatedReplicas: 1, currentRevision: "a", updateRevision: "b" },
      { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } },
    ),
    "Current",
  ],
  [
    "a StatefulSet whose pods wait to be deleted by hand",
    set({ ...done, updatedReplicas: 1, ...same }, { updateStrategy: { type: "OnDelete" } }),
    "InProgress",
  ],
  ["a StatefulSet with a pod missing", set({ ...done, ...same, readyReplicas: 2 }), "InProgress"],
  [
    "a DaemonSet on all nodes",
    daemon({ ...spread, updatedNumberScheduled: 2, numberReady: 2, numberAvailable: 2 }),
    "Current",
  ],
  [
    "a DaemonSet with an old pod",
    daemon({ ...spread, updatedNumberScheduled: 1, numberReady: 2, numberAvailable: 2 }),
    "InProgress",
  ],
  ["a DaemonSet that no node is to run", daemon({ observedGeneration: 2, desiredNumberScheduled: 0 }), "Applied"],
  ["a DaemonSet not counted yet", daemon({ observedGeneration: 2 }), "InProgress"],
  ["a Job that runs", job({ startTime: "2026-01-01T00:00:00Z", active: 1 }), "InProgress"],
  ["a Job that completed", job({ conditions: [{ type: "Complete", status: "True" }] }), "Current"],
  ["a Job that failed", job({ conditions: [{ type: "Failed", status: "True", message: "limit" }] }), "Failed"],
  ["a ConfigMap", object("v1", "ConfigMap", {}), "Applied"],
  ["a Service without balancer", object("v1", "Service", { type: "ClusterIP" }), "Applied"],
  ["a Service that waits for its balancer", object("v1", "Service", { type: "LoadBalancer" }, {}), "InProgress"],
  ["a claim not bound", object("v1", "PersistentVolumeClaim", {}, { phase: "Pending" }), "InProgress"],
  [
    "a custom kind that is ready",
    object("x.dev/v1", "Thing", {}, { conditions: [{ type: "Ready", status: "True" }] }),
    "Current",
  ],
  [
    "a custom kind that is not",
    object("x.dev/v1", "Thing", {}, { conditions: [{ type: "Ready", status: "False" }] }),
    "InProgress",
  ],
  ["a custom kind that says nothing", object("x.dev/v1", "Thing", {}), "Applied"],
  [
    "a custom kind that stalls",
    object("x.dev/v1", "Thing", {}, { conditions: [{ type: "Stalled", status: "True" }] }),
    "Failed",
  ],
];

test.each(rows)("%s", (_, seen, expected) => {
  expect(kstatus(seen).status).toBe(expected);
});
