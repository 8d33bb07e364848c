import fc from "fast-check";
import { expect, test } from "vitest";
import type { PlanItem, PlanStatus } from "../../../../src/model/plan.ts";
import {
  asShown,
  choicesIn,
  choicesOf,
  chosenKeys,
  flip,
  overlay,
  readPick,
  workloadRows,
  writePick,
} from "./choices.ts";

function item(workload: string, container: string, status: PlanStatus): PlanItem {
  return { workload: `shop:deployment/${workload}`, container, status };
}
function view(...environments: [string, PlanItem[]][]) {
  return {
    plans: environments.map(([environment, items]) => ({
      environment,
      commit: "",
      source: { kind: "registry" as const },
      items,
      files: [],
    })),
  };
}
const rows = workloadRows(
  view(
    [
      "eu",
      [
        item("cart", "cart", "change"),
        item("session", "app", "change"),
        item("session", "proxy", "change"),
        item("pay", "pay", "refused"),
      ],
    ],
    ["us", [item("cart", "cart", "same"), item("session", "app", "same"), item("session", "proxy", "change")]],
  ),
);

test("a container that changes in one of several environments can be chosen", () => {
  expect(rows.map((row) => [row.name, row.movable])).toEqual([
    ["cart", true],
    ["session", true],
    ["pay", false],
  ]);
});

test("what can move stands first, then what is kept by a rule, then what has nothing to do", () => {
  const shown = workloadRows(
    view(["eu", [item("a", "a", "same"), item("b", "b", "refused"), item("c", "c", "change")]]),
  );
  expect(shown.map((row) => row.name)).toEqual(["c", "b", "a"]);
});

test("what moves only by the tag that was chosen stands with what can move", () => {
  const whole = workloadRows(view(["eu", [item("a", "a", "change"), item("b", "b", "same"), item("c", "c", "same")]]));
  const narrow = workloadRows(view(["eu", [item("c", "c", "change")]]));
  expect(overlay(whole, narrow).map((row) => [row.name, row.movable])).toEqual([
    ["a", true],
    ["c", true],
    ["b", false],
  ]);
});

test("choosing a whole workload chooses what can move of it, never what a rule forbids", () => {
  const keys = chosenKeys(rows, [{ workload: "shop:deployment/session" }, { workload: "shop:deployment/pay" }]);
  expect([...keys]).toEqual(["shop:deployment/session#app", "shop:deployment/session#proxy"]);
});

test("leaving one container out names the others", () => {
  const all = chosenKeys(rows, [{ workload: "shop:deployment/session" }]);
  const less = flip(all, [rows[1]!.containers[1]!]);
  expect(choicesOf(rows, less, [])).toEqual([{ workload: "shop:deployment/session", container: "app" }]);
});

test("what is written into the address reads back the same", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.record({ workload: word.map((name) => `shop:deployment/${name}`) }),
          fc.record({ workload: word.map((name) => `shop:deployment/${name}`), container: word }),
          fc.record({ workload: word.map((name) => `shop:deployment/${name}`), container: word, tag: word }),
        ),
      ),
      (choices) => {
        expect(readPick(writePick(choices))).toEqual(choices);
      },
    ),
  );
});

test("what is promoted from the registry names the tags that were shown", () => {
  const shown = workloadRows(
    view(
      ["eu", [{ ...item("cart", "cart", "change"), toVersion: { tag: "2" } }]],
      ["us", [{ ...item("cart", "cart", "same"), toVersion: { tag: "2" } }]],
    ),
  );
  const keys = chosenKeys(shown, [{ workload: "shop:deployment/cart" }]);
  expect(asShown(shown, keys)).toEqual([{ workload: "shop:deployment/cart", container: "cart", tag: "2" }]);
});

test("a chosen set survives being written as choices", () => {
  const keys = rows.flatMap((row) => row.containers.filter((entry) => entry.movable).map((entry) => entry.key));
  fc.assert(
    fc.property(fc.subarray(keys), (some) => {
      expect([...chosenKeys(rows, choicesOf(rows, new Set(some), []))].sort()).toEqual([...some].sort());
    }),
  );
});

test("a workload that is forced past its lock goes alone, so that no other lock is broken with it", () => {
  const cart = "shop:deployment/cart";
  expect(choicesIn(`${cart},shop:deployment/pay#pay@2`, "shop:deployment/pay")).toEqual([
    { workload: "shop:deployment/pay", container: "pay", tag: "2" },
  ]);
  expect(choicesIn(cart, "shop:deployment/pay")).toEqual([{ workload: "shop:deployment/pay" }]);
  expect(choicesIn(cart, undefined)).toEqual([{ workload: cart }]);
});
