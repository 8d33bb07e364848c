import { expect, test } from "vitest";
import type { PlanItem } from "../../model/plan.ts";
import type { PlanView } from "../../model/views.ts";
import { planRows } from "./plan-rows.ts";

const item = (name: string, from: string, more: Partial<PlanItem> = {}): PlanItem => ({
  workload: `shop:deployment/${name}`,
  container: name,
  status: "change",
  from: `shop/${name}:${from}`,
  fromVersion: { tag: from },
  toVersion: { tag: "9" },
  ...more,
});
function plan(items: Readonly<Record<string, readonly PlanItem[]>>): PlanView {
  const plans = Object.entries(items).map(([environment, own]) => ({ environment, items: own }));
  return { plans } as unknown as PlanView;
}

test("a container is one row whatever it moves from, and remembers what was seen where that is one thing", () => {
  const rows = planRows(
    plan({ eu: [item("web", "1"), item("orders", "1")], us: [item("web", "2"), item("orders", "1")] }),
  );
  expect(rows).toEqual([
    {
      workload: "shop:deployment/orders",
      container: "orders",
      text: "shop:deployment/orders\teu, us\torders: 1 -> 9",
      selectable: true,
      from: "shop/orders:1",
      tag: "9",
    },
    {
      workload: "shop:deployment/web",
      container: "web",
      text: "shop:deployment/web\teu, us\tweb: 1 -> 9; 2 -> 9",
      selectable: true,
      tag: "9",
    },
  ]);
});

test("what a rule keeps everywhere is shown with the reason; what is there already is not", () => {
  const locked = item("orders", "1", { status: "refused", text: "locked by ana" });
  const rows = planRows(plan({ eu: [locked, item("web", "9", { status: "same" })], us: [locked] }));
  expect(rows).toMatchObject([{ text: "shop:deployment/orders\teu, us\torders: locked by ana", selectable: false }]);
  const forced = planRows(plan({ eu: [item("orders", "1", { text: "forced: locked by ana" })] }));
  expect(forced[0]?.text).toMatch(/orders: 1 -> 9 \(forced: locked by ana\)$/);
  const elsewhere = planRows(plan({ eu: [locked], us: [item("orders", "1")] }));
  expect(elsewhere).toMatchObject([{ text: "shop:deployment/orders\tus\torders: 1 -> 9", selectable: true }]);
});
