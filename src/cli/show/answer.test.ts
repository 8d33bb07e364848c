import { expect, test } from "vitest";
import { showAnswer } from "./answer.ts";

test("a sentence is shown alone", () => {
  expect(showAnswer({ text: "Built catalogue 1.0.7", version: "1.0.7" })).toBe("Built catalogue 1.0.7\n");
});

test("anything else is shown as values and tables", () => {
  const state = {
    url: "http://127.0.0.1:8440",
    services: [
      { name: "catalogue", version: "1.8.2", workloads: ["shop:deployment/catalogue", "shop:cronjob/report"] },
      { name: "orders", version: "3.1.0", workloads: [] },
    ],
  };
  expect(showAnswer(state)).toBe(
    `url  http://127.0.0.1:8440

SERVICES   VERSION  WORKLOADS
catalogue  1.8.2    shop:deployment/catalogue, shop:cronjob/report
orders     3.1.0
`,
  );
});
