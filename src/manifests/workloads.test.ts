import { expect, test } from "vitest";
import type { ImageRules } from "../model/documents.ts";
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

const jobObject = (annotations?: Record<string, string>): KubeObject => ({
  ...object("batch/v1", "Job", { template: { spec: pod } }),
  metadata: { name: "x", ...(annotations === undefined ? {} : { annotations }) },
});

test("a Job's images are shown and cannot be changed, unless it asks to be made again", () => {
  for (const place of imagePlaces(jobObject())) expect(place.fixed).toMatch(/sluice\.dev\/replace: "true"/);
  for (const place of imagePlaces(jobObject({ "sluice.dev/replace": "yes" }))) expect(place.fixed).toBeDefined();
  for (const place of imagePlaces(jobObject({ "sluice.dev/replace": "true" }))) expect(place.fixed).toBeUndefined();
});

test("containers of one name each get a name of their own, and those written otherwise keep theirs", () => {
  const named = (...names: string[]) => names.map((name, index) => ({ name, image: `a:${index}` }));
  const spec = { initContainers: named("app", "app-2"), containers: named("app", "app", "app-3") };
  expect(imagePlaces(object("v1", "Pod", spec)).map(({ container, image }) => [container, image])).toEqual([
    ["app-5", "a:0"],
    ["app-2", "a:1"],
    ["app", "a:0"],
    ["app-4", "a:1"],
    ["app-3", "a:2"],
  ]);
});

test("a live object's images are called as Git's are, with Git's rules and markers", () => {
  const rules: ImageRules = { fields: [{ kind: "ConfigMap", path: "data.image" }], files: [] };
  const marker = { document: 0, path: ["data", "runs"], policy: "s:runner", holds: "reference" } as const;
  const live = { ...object("v1", "ConfigMap", undefined), data: { image: "a:2", runs: "b:2" }, extra: true };
  expect(imagePlaces(live, rules, [marker]).map(({ container, image }) => [container, image])).toEqual([
    ["image", "a:2"],
    ["runner", "b:2"],
  ]);
});

test("an image that a configured field names again is there once", () => {
  const rules: ImageRules = {
    fields: [
      { kind: "Pod", path: "spec.containers[*].image", container: "again" },
      { kind: "Pod", path: "spec.extra[1]" },
      { kind: "Pod", path: "spec.nothing.here[*].at[0].all" },
    ],
    files: [],
  };
  const value = object("v1", "Pod", { ...pod, extra: ["c:1", "d:1"] });
  expect(imagePlaces(value, rules).map(({ container, image }) => [container, image])).toEqual([
    ["init", "a:1"],
    ["main", "b:1"],
    ["extra", "d:1"],
  ]);
});
