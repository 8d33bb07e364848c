import { expect, test } from "vitest";
import type { MatrixView, PipelineView, StageView } from "../../../../src/model/views.ts";
import { stageSummary } from "./stages.ts";

const stage = (name: string, more: Partial<StageView> = {}): StageView => ({
  name,
  environments: [name],
  order: "parallel",
  promote: "automatic",
  sources: [{ kind: "registry" }],
  plans: [],
  underWay: [],
  inReview: [],
  gates: [],
  ...more,
});
function matrix(versions: Record<string, Record<string, string>>, state: "healthy" | "failed" = "healthy"): MatrixView {
  return {
    environments: [],
    problems: [],
    rows: Object.entries(versions).map(([name, places]) => ({
      id: `shop:deployment/${name}`,
      namespace: "shop",
      kind: "Deployment",
      name,
      cells: Object.fromEntries(
        Object.entries(places).map(([environment, tag]) => [
          environment,
          {
            environment,
            workload: `shop:deployment/${name}`,
            file: "",
            line: 1,
            containers: [{ container: name, init: false, image: `x:${tag}`, version: { tag }, running: [] }],
            verdict: { state, message: "", since: 1, desired: 1, updated: 1, ready: 1, available: 1, evidence: [] },
            drift: [],
            automated: true,
            policy: {},
            holds: [],
          },
        ]),
      ),
    })),
  };
}

test("the same version has the same colour in every stage, and versions that agree everywhere make no chip", () => {
  const pipeline: PipelineView = { name: "shop", stages: [stage("dev"), stage("prod")] };
  const data = matrix({ cart: { dev: "2", prod: "1" }, pay: { dev: "7", prod: "7" } });
  const [dev, prod] = pipeline.stages.map((each) => stageSummary(pipeline, each, data, 0));
  expect(dev!.chips.map((chip) => [chip.name, chip.version, chip.colour])).toEqual([["cart", "2", 0]]);
  expect(prod!.chips.map((chip) => [chip.version, chip.colour])).toEqual([["1", 1]]);
  expect(dev!.alike).toBe(1);
});

test("a stage that fails says so even while something waits for a person there", () => {
  const item = { workload: "shop:deployment/cart", container: "cart", status: "change" as const };
  const manual = stage("prod", {
    promote: "manual",
    plans: [{ environment: "prod", commit: "", source: { kind: "registry" }, items: [item] }],
  });
  const pipeline: PipelineView = { name: "shop", stages: [manual] };
  expect(stageSummary(pipeline, manual, matrix({ cart: { prod: "1" } }), 0).word).toBe("waits for a person");
  expect(stageSummary(pipeline, manual, matrix({ cart: { prod: "1" } }, "failed"), 0).word).toBe("failing");
});

test("a stage whose release waits for a review does not look as if it moved", () => {
  const review = { promotion: "r-1", environment: "prod", branch: "sluice/r-1/prod" };
  const summary = (more: Partial<StageView>) => {
    const prod = stage("prod", more);
    return stageSummary({ name: "shop", stages: [prod] }, prod, matrix({ cart: { prod: "1" } }), 0);
  };
  const waiting = summary({ underWay: ["r-1"], inReview: [review] });
  expect([waiting.sign, waiting.word]).toEqual(["waiting", "waits for a review"]);
  expect(waiting.waits).toEqual([
    { sign: "waiting", text: "r-1 waits for its review in prod, on branch sluice/r-1/prod" },
  ]);
  expect(summary({ underWay: ["r-1", "r-2"], inReview: [review] }).word).toBe("moving");
});
