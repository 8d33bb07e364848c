import { expect, test } from "vitest";
import type { KubeObject } from "../model/kubernetes.ts";
import { imagePlaces, workloadOf } from "./workloads.ts";

const pod = { initContainers: [{ name: "init", image: "a:1" }], containers: [{ name: "main", image: "b:1" }] };
function object(apiVersion: string, kind: string, spec: unknown): KubeObject {
  return { apiVersion, kind, metadata: { name: "x" }, spec };
}

test.each([
  ["apps/v1", "Deployment", { template: { spec: pod } }],
  ["apps/v1", "StatefulSet", { template: { spec: pod } }],
  ["apps/v1", "DaemonSet", { template: { spec: pod } }],
  ["apps/v1", "ReplicaSet", { template: { spec: pod } }],
  ["v1", "ReplicationController", { template: { spec: pod } }],
  ["batch/v1", "Job", { template: { spec: pod } }],
  ["batch/v1beta1", "CronJob", { jobTemplate: { spec: { template: { spec: pod } } } }],
  ["v1", "Pod", pod],
])("%s %s runs its init containers and containers", (apiVersion, kind, spec) => {
  const places = imagePlaces(object(apiVersion, kind, spec));
  expect(places.map(({ container, image, init }) => [container, image, init])).toEqual([
    ["init", "a:1", true],
    ["main", "b:1", false],
  ]);
});

test.each([
  ["a kind without containers", object("v1", "ConfigMap", pod)],
  ["a foreign group's Deployment", object("example.org/v1", "Deployment", { template: { spec: pod } })],
  ["a kind named like something of the language", object("v1", "constructor", pod)],
  ["containers that are no list", object("v1", "Pod", { containers: "x" })],
  [
    "containers without name or image",
    object("v1", "Pod", {
      containers: [
        null,
        "x",
        { name: "a" },
        { image: "b" },
        { name: 1, image: 2 },
        { name: "a\nSluice-Lifts: x", image: "b:1" },
      ],
    }),
  ],
  ["no spec", object("v1", "Pod", null)],
])("%s runs nothing", (_, value) => {
  expect(imagePlaces(value)).toEqual([]);
});

test("a workload says where it is written, and its policies", () => {
  const deployment = {
    ...object("apps/v1", "Deployment", { template: { spec: pod } }),
    metadata: { name: "cart", annotations: { "fluxcd.io/automated": "true" } },
  };
  expect(workloadOf({ object: deployment, document: 0, line: 4 }, "shop/cart.yaml")).toMatchObject({
    id: "default:deployment/cart",
    file: "shop/cart.yaml",
    line: 4,
    policy: { automated: true },
  });
});

test("annotations that are no mapping carry no policy", () => {
  const odd = object("v1", "Pod", pod);
  odd.metadata = { ...odd.metadata, annotations: "fluxcd.io/automated" as unknown as Record<string, string> };
  expect(workloadOf({ object: odd, document: 0, line: 1 }, "a.yaml")?.policy.automated).toBe(false);
});
