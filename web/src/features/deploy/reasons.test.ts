import { expect, test } from "vitest";
import type { PlanItem } from "../../../../src/model/plan.ts";
import { isLocked, reasonsOf } from "./reasons.ts";

const item = (more: Partial<PlanItem>): PlanItem => ({
  workload: "shop:deployment/pay",
  container: "pay",
  status: "refused",
  ...more,
});
const at = (environment: string, more: Partial<PlanItem>) => ({ environment, item: item(more) });

test("the same reason of several environments is said once", () => {
  const places = ["prod-eu", "prod-us"].map((name) =>
    at(name, { reason: "locked", text: `locked by Ben (clusters/${name}/pay.yaml line 2)` }),
  );
  expect(reasonsOf([{ places }])).toEqual([
    { sign: "locked", text: "locked by Ben (clusters/prod-eu/pay.yaml line 2)" },
  ]);
});

test("what is up to date says only which newer tag was passed over", () => {
  const places = [
    at("eu", { status: "same", text: "already at 1", reason: "up_to_date" }),
    at("us", {
      status: "same",
      text: "already at 1; newer 2 cannot be read: gone",
      note: "newer 2 cannot be read: gone",
    }),
  ];
  expect(reasonsOf([{ places }])).toEqual([{ sign: "note", text: "newer 2 cannot be read: gone" }]);
});

test("only a lock can be forced past", () => {
  const places = [at("eu", { reason: "filtered", text: "not allowed" }), at("us", { status: "change" })];
  expect(isLocked([{ places }])).toBe(false);
  expect(isLocked([{ places: [...places, at("asia", { reason: "locked" })] }])).toBe(true);
});
