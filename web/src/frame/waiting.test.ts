import { expect, test } from "vitest";
import type { StageView } from "../../../src/model/views.ts";
import { waitingItems } from "./waiting.ts";

const stage = (promote: StageView["promote"]): StageView => ({
  name: "prod",
  environments: ["eu", "us"],
  order: "sequence",
  promote,
  sources: [{ kind: "registry" }],
  plans: ["eu", "us"].map((environment) => ({
    environment,
    commit: "",
    source: { kind: "registry" },
    items: [{ workload: "shop:deployment/cart", container: "cart", status: "change", toVersion: { tag: "2" } }],
  })),
  underWay: [],
  inReview: [],
  gates: [],
});

test("a stage that moves by hand waits once for what it could take, however many environments it has", () => {
  const items = waitingItems(undefined, [{ name: "shop", stages: [stage("manual")] }]);
  expect(items).toEqual([
    { kind: "promote", stage: "prod", pipeline: "shop", what: ["cart 2"], workloads: ["shop:deployment/cart"] },
  ]);
});

test("a stage that moves by itself waits for nobody", () => {
  expect(waitingItems(undefined, [{ name: "shop", stages: [stage("automatic")] }])).toEqual([]);
});
