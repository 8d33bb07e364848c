import { expect, test } from "vitest";
import type { Configuration, Environment, Pipeline, Stage, WorkloadSelector } from "../model/documents.ts";
import { coversWorkload, environmentsOf, findStage, findTarget, sourcesOf, stagesOf } from "./graph.ts";

function stage(name: string, environments: string[], from: Stage["from"] = [{ registry: {} }]): Stage {
  return { name, environments, order: "parallel", from, fromOnly: false, promote: "manual", onFailure: "hold" };
}
function pipeline(name: string, stages: Stage[], workloads: WorkloadSelector[] = [{}]): Pipeline {
  return { name, workloads, stages };
}
const shop = pipeline("shop", [
  stage("dev", ["dev"]),
  stage("prod", ["prod-eu", "prod-us"], [{ stage: "dev" }, { environment: "lab" }]),
]);
const web = pipeline("web", [stage("prod", ["prod-web"])]);
const configuration = {
  environments: new Map(
    ["dev", "lab", "prod-eu", "prod-us", "prod-web"].map((name) => [name, { name } as Environment]),
  ),
  pipelines: new Map([shop, web].map((entry) => [entry.name, entry])),
} as unknown as Configuration;

test.each<[WorkloadSelector, string, boolean]>([
  [{}, "shop:deployment/cart", true],
  [{ namespace: "shop" }, "shop:deployment/cart", true],
  [{ namespace: "shop" }, "web:deployment/cart", false],
  [{ namespace: "shop-*" }, "shop-eu:deployment/cart", true],
  [{ kind: "Deployment", name: "ca*" }, "shop:deployment/cart", true],
  [{ kind: "CronJob" }, "shop:deployment/cart", false],
  [{ name: "*" }, "not an id", false],
])("a pipeline for %j and %s: %s", (selector, workload, covered) => {
  expect(coversWorkload(pipeline("p", [], [{ namespace: "none" }, selector]), workload)).toBe(covered);
});

test("a target is found by the name people use, and an ambiguous one is told", () => {
  expect(findTarget(configuration, "dev")).toEqual({ kind: "stage", pipeline: "shop", stage: "dev" });
  expect(findTarget(configuration, "web/prod")).toEqual({ kind: "stage", pipeline: "web", stage: "prod" });
  expect(findTarget(configuration, "prod")).toEqual({ ambiguous: ["shop/prod", "web/prod"] });
  expect(findTarget(configuration, "lab")).toEqual({ kind: "environment", environment: "lab" });
  expect(findTarget(configuration, "nowhere")).toBeUndefined();
  expect(findTarget(configuration, "shop/nowhere")).toBeUndefined();
});

test("a place stands for its environments in their order", () => {
  expect(environmentsOf(configuration, { kind: "stage", pipeline: "shop", stage: "prod" })).toEqual([
    "prod-eu",
    "prod-us",
  ]);
  expect(environmentsOf(configuration, { kind: "registry" })).toEqual([]);
  expect(environmentsOf(configuration, { kind: "environment", environment: "lab" })).toEqual(["lab"]);
  expect(environmentsOf(configuration, { kind: "stage", pipeline: "gone", stage: "prod" })).toEqual([]);
});

test("a stage's sources are those it names, in its own pipeline", () => {
  expect(sourcesOf(findStage(configuration, "shop", "prod")!)).toEqual([
    { kind: "stage", pipeline: "shop", stage: "dev" },
    { kind: "environment", environment: "lab" },
  ]);
});

test("an environment knows the stages that deliver to it", () => {
  expect(stagesOf(configuration, "prod-web").map((placed) => placed.pipeline.name)).toEqual(["web"]);
  expect(stagesOf(configuration, "lab")).toEqual([]);
});
