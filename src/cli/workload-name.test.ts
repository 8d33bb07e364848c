import { expect, test } from "vitest";
import { findWorkload, inNamespace } from "./workload-name.ts";

const ids = ["shop:deployment/cart", "shop:cronjob/report", "jobs:cronjob/report", "shop:deployment/orders"];

test.each([
  ["cart", undefined, "shop:deployment/cart"],
  ["deployment/cart", undefined, "shop:deployment/cart"],
  ["Deployment/cart", "shop", "shop:deployment/cart"],
  ["shop/orders", undefined, "shop:deployment/orders"],
  ["report", "jobs", "jobs:cronjob/report"],
  ["shop:Deployment/cart", undefined, "shop:deployment/cart"],
  ["else:deployment/where", "shop", "else:deployment/where"],
])("%s (namespace %s) means %s", (written, namespace, id) => {
  expect(findWorkload(ids, written, namespace)).toBe(id);
});

test("a name that nothing has, or several have, is told with what to write", () => {
  expect(() => findWorkload(ids, "nothing")).toThrow('There is no workload "nothing".');
  expect(() => findWorkload(ids, "cart", "jobs")).toThrow('There is no workload "cart" in namespace jobs.');
  expect(() => findWorkload(ids, "report")).toThrow("shop:cronjob/report or jobs:cronjob/report");
});

test("a namespace is put to a name as the server takes it", () => {
  expect(inNamespace("cart", undefined)).toBe("cart");
  expect(inNamespace("cart", "shop")).toBe("shop/cart");
  expect(inNamespace("Deployment/cart", "shop")).toBe("shop:deployment/cart");
  expect(inNamespace("jobs:CronJob/report", "shop")).toBe("jobs:cronjob/report");
});
