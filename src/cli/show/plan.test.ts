import { expect, test } from "vitest";
import type { PlanItem } from "../../model/plan.ts";
import type { PlanView } from "../../model/views.ts";
import { showPlan } from "./plan.ts";

const plain = (_colour: string, text: string) => text;
const target = { kind: "stage", pipeline: "shop", stage: "prod" } as const;
const source = { kind: "stage", pipeline: "shop", stage: "stage" } as const;

function plan(items: Readonly<Record<string, readonly PlanItem[]>>): PlanView {
  return {
    target,
    source,
    gates: [],
    order: "sequence",
    plans: Object.entries(items).map(([environment, own]) => ({
      environment,
      commit: "c",
      source,
      items: own,
      files: [],
    })),
  };
}
const moves: PlanItem = {
  workload: "shop:deployment/catalogue",
  container: "catalogue",
  status: "change",
  fromVersion: { tag: "1.8.1" },
  toVersion: { tag: "1.8.2" },
};
const locked: PlanItem = {
  workload: "shop:deployment/orders",
  container: "orders",
  status: "refused",
  fromVersion: { tag: "3.0.6" },
  toVersion: { tag: "3.0.7" },
  text: 'locked by ana: "audit"',
  who: "ana",
};

test("what moves alike in several environments stands in one line, and a rule in the way says who can lift it", () => {
  expect(showPlan(plan({ "prod-eu": [moves, locked], "prod-us": [moves] }), false, 0, plain)).toBe(
    `  WORKLOAD                   CONTAINER  ENVIRONMENT       FROM   TO     NOTE
  shop:deployment/catalogue  catalogue  prod-eu, prod-us  1.8.1  1.8.2
  shop:deployment/orders     orders     prod-eu           3.0.6  -      stays: locked by ana: "audit"; ana can lift it
One after the other: prod-eu, then prod-us, each when the one before is verified
`,
  );
});

test("what is there already is counted, and named only when it was asked for", () => {
  const same: PlanItem = { ...moves, status: "same" };
  expect(showPlan(plan({ "prod-eu": [same] }), false, 0, plain)).toBe("  1 already there\n");
  expect(showPlan(plan({ "prod-eu": [same] }), true, 0, plain)).toContain("already there");
});

test("what a change does besides, breaking a rule or going back, stands in a line of its own", () => {
  const forced: PlanItem = { ...moves, text: "forced: locked by ana", forced: ["locked"], builtAt: -5_000 };
  expect(showPlan(plan({ dev: [forced] }), true, 0, plain)).toMatch(
    /1\.8\.2 {2}built 5 s ago\n {58,}forced: locked by ana\n/,
  );
});
