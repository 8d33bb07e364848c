import { expect, test } from "vitest";
import type { EnvironmentView, MatrixView, RowView } from "../../../src/model/views.ts";
import { type CommandFacts, findCommands } from "./commands.ts";

const row = (name: string): RowView => ({
  id: `shop:deployment/${name}`,
  namespace: "shop",
  kind: "Deployment",
  name,
  cells: {},
});
const environment = (name: string): EnvironmentView => ({
  name,
  cluster: name,
  git: { repository: "", branch: "main", paths: [] },
  agent: { connected: true },
  problems: [],
});
const matrix: MatrixView = {
  environments: [environment("dev"), environment("prod-eu")],
  rows: [row("catalogue"), row("catalogue-db"), row("orders")],
  problems: [],
};
const facts: CommandFacts = {
  matrix,
  pipelines: [
    {
      name: "shop",
      stages: [
        {
          name: "prod",
          environments: ["prod-eu"],
          order: "parallel",
          promote: "manual",
          sources: [],
          plans: [],
          underWay: [],
          inReview: [],
          gates: [],
        },
      ],
    },
  ],
  promotions: [],
};

test("a name that is typed whole comes before names that only contain it", () => {
  expect(findCommands("catalogue", facts)[0]?.to).toBe("/workloads/shop/deployment/catalogue");
});

test("promote X to Y opens Deploy with X chosen for Y", () => {
  const [first] = findCommands("promote catalogue orders to prod", facts);
  expect(first?.text).toBe("Promote catalogue, orders to prod");
  const address = new URLSearchParams(first!.to.split("?")[1]);
  expect([address.get("to"), address.get("pick")]).toEqual([
    "shop/prod",
    "shop:deployment/catalogue,shop:deployment/orders",
  ]);
});

test("an unknown workload promises nothing", () => {
  expect(findCommands("promote nothing to prod", facts)).toEqual([]);
});
