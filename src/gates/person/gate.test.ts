import { expect, test } from "vitest";
import type { PlanItem } from "../../model/plan.ts";
import { personGate } from "./gate.ts";

function item(name: string, tag?: string): PlanItem {
  const version = tag === undefined ? {} : { toVersion: { tag } };
  return { workload: `shop:deployment/${name}`, container: name, status: "change", ...version };
}

test("a stage that promotes by itself waits for nobody", () => {
  expect(personGate({ name: "dev", promote: "automatic" }, [item("cart", "2")])).toMatchObject({ state: "open" });
});

test("a stage promoted by hand waits, says for whom, and what is ready", () => {
  const gate = personGate({ name: "prod", promote: "manual" }, [item("cart", "2"), item("web"), item("cart", "2")]);
  expect(gate).toMatchObject({ gate: "person", state: "waiting", who: "anybody who may promote to it" });
  expect(gate.reason).toContain("prod is promoted by hand");
  expect(gate.evidence.map((entry) => entry.text)).toEqual(["cart 2", "web"]);
});

test("evidence is bounded", () => {
  const many = Array.from({ length: 100 }, (_, index) => item(`w${index}`, "1"));
  expect(personGate({ name: "prod", promote: "manual" }, many).evidence).toHaveLength(20);
});
