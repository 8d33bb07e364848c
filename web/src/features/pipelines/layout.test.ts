import { expect, test } from "vitest";
import type { PipelineView, StageView } from "../../../../src/model/views.ts";
import { layout, links } from "./layout.ts";

const stage = (name: string, sources: StageView["sources"]): StageView => ({
  name,
  environments: [name],
  order: "parallel",
  promote: "manual",
  sources,
  plans: [],
  underWay: [],
  inReview: [],
  gates: [],
});
const pipeline: PipelineView = {
  name: "shop",
  stages: [
    stage("dev", [{ kind: "registry" }]),
    stage("eu", [{ kind: "stage", pipeline: "shop", stage: "dev" }]),
    stage("us", [{ kind: "environment", environment: "dev" }]),
  ],
};

test("a source that is an environment is drawn from its stage", () => {
  expect(links(pipeline).map((link) => link.id)).toEqual(["registry > dev", "stage dev > eu", "stage dev > us"]);
});

test("cards stand left to right in the order things flow and never overlap", () => {
  const ids = ["registry", "stage dev", "stage eu", "stage us"];
  const sizes = new Map(ids.map((id) => [id, { width: 300, height: 200 }]));
  const { positions } = layout(sizes, links(pipeline));
  expect(positions.get("stage dev")!.x).toBeGreaterThanOrEqual(positions.get("registry")!.x + 300);
  expect(positions.get("stage eu")!.x).toBe(positions.get("stage us")!.x);
  expect(Math.abs(positions.get("stage eu")!.y - positions.get("stage us")!.y)).toBeGreaterThanOrEqual(200);
});
