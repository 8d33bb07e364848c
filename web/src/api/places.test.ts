import { expect, test } from "vitest";
import type { PipelineView } from "../../../src/model/views.ts";
import { findPlace, findTarget, writePlace } from "./places.ts";

function pipeline(name: string, ...stages: string[]): PipelineView {
  return {
    name,
    stages: stages.map((stage) => ({
      name: stage,
      environments: [],
      order: "parallel",
      sources: [],
      promote: "manual",
    })),
  } as unknown as PipelineView;
}
const one = { pipelines: [pipeline("shop", "dev", "prod")], environments: ["dev", "prod-eu"] };
const two = { ...one, pipelines: [...one.pipelines, pipeline("pay", "prod")] };

test("a stage is found by its short and by its full name, an environment by its name", () => {
  const prod = { place: { kind: "stage", pipeline: "shop", stage: "prod" } };
  expect(findPlace("prod", one)).toEqual(prod);
  expect(findPlace("shop/prod", two)).toEqual(prod);
  expect(findPlace("prod-eu", one)).toEqual({ place: { kind: "environment", environment: "prod-eu" } });
});

test("every place that is written into an address is found again, also where a stage and an environment share a name", () => {
  for (const place of [
    { kind: "registry" },
    { kind: "environment", environment: "dev" },
    { kind: "stage", pipeline: "shop", stage: "dev" },
    { kind: "stage", pipeline: "pay", stage: "prod" },
  ] as const)
    expect(findPlace(writePlace(place), two)).toEqual({ place });
});

test("a name that nothing has says what there is, and one that several have says which", () => {
  expect(findPlace("prd", one)).toEqual({
    problem:
      'There is no stage or environment "prd". There are the stages dev, prod and the environments dev, prod-eu.',
  });
  expect(findPlace("prod", two)).toEqual({ problem: 'Several pipelines have a stage "prod": shop/prod, pay/prod.' });
});

test("nothing is deployed to the registry", () => {
  expect(findTarget("registry", one)).toHaveProperty("problem");
  expect(findTarget("prod", one)).toHaveProperty("place");
});
