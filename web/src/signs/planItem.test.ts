import { expect, test } from "vitest";
import type { PlanItem } from "../../../src/model/plan.ts";
import { itemSign } from "./planItem.ts";

const item = (more: Partial<PlanItem>): PlanItem => ({
  workload: "shop:deployment/pay",
  container: "pay",
  status: "refused",
  ...more,
});

test("what moves never looks as if it waited: a broken rule comes first, then going back, then a remark", () => {
  const back = { tag: "2" };
  expect(itemSign(item({ status: "change", forced: ["locked"], back }))).toBe("forced");
  expect(itemSign(item({ status: "change", back }))).toBe("back");
  expect(itemSign(item({ status: "change", text: "lifts the hold" }))).toBe("note");
});

test("a padlock stands only beside a lock, and what a person must repair looks broken", () => {
  const sign = (reason: PlanItem["reason"]) => itemSign(item(reason === undefined ? {} : { reason }));
  expect([sign("locked"), sign("ignored")]).toEqual(["locked", "locked"]);
  expect([sign("filtered"), sign("held"), sign("older"), sign(undefined)]).toEqual(["held", "held", "held", "held"]);
  expect([sign("file_broken"), sign("not_editable")]).toEqual(["failed", "failed"]);
});
