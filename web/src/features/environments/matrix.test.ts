import { expect, test } from "vitest";
import type { CellView, EnvironmentView, MatrixView, RowView } from "../../../../src/model/views.ts";
import { columnGroups, differs, rowGroups, summary } from "./matrix.ts";

const environment = (name: string, stage?: string): EnvironmentView => ({
  name,
  cluster: name,
  git: { repository: "", branch: "main", paths: [] },
  ...(stage === undefined ? {} : { stage: { pipeline: "shop", stage } }),
  agent: { connected: true },
  problems: [],
});
const cell = (place: string, tag: string, state: "healthy" | "failed" = "healthy"): CellView => ({
  environment: place,
  workload: "",
  file: "",
  line: 1,
  containers: [{ container: "c", init: false, image: `registry/x:${tag}`, version: { tag }, running: [] }],
  verdict: { state, message: "", since: 0, desired: 1, updated: 1, ready: 1, available: 1, evidence: [] },
  drift: [],
  automated: false,
  policy: {},
  holds: [],
});
const row = (name: string, cells: Record<string, CellView>): RowView => ({
  id: `shop:deployment/${name}`,
  namespace: "shop",
  kind: "Deployment",
  name,
  cells,
});
const matrix: MatrixView = {
  environments: [environment("dev", "dev"), environment("eu", "prod"), environment("us", "prod"), environment("lab")],
  rows: [
    row("same", { dev: cell("dev", "1"), eu: cell("eu", "1") }),
    row("ahead", { dev: cell("dev", "2"), eu: cell("eu", "1") }),
    row("sick", { dev: cell("dev", "1", "failed") }),
  ],
  problems: [],
};
const shown = (filter: Partial<Parameters<typeof rowGroups>[1]>) =>
  rowGroups(matrix, { text: "", differs: false, attention: false, ...filter }, 0).flatMap((group) =>
    group.rows.map((each) => each.name),
  );

test("columns of one stage stand under one heading, those of no pipeline under their own", () => {
  expect(columnGroups(matrix.environments).map((group) => [group.title, group.environments.length])).toEqual([
    ["dev", 1],
    ["prod", 2],
    ["no pipeline", 1],
  ]);
});

test("a workload that is only in some environments does not differ by that", () => {
  expect(matrix.rows.map(differs)).toEqual([false, true, false]);
});

test("filters narrow the rows by difference, by attention and by every word typed", () => {
  expect(shown({ differs: true })).toEqual(["ahead"]);
  expect(shown({ attention: true })).toEqual(["sick"]);
  expect(shown({ text: "registry ahead" })).toEqual(["ahead"]);
});

test("the summary does not call a world healthy whose files are broken", () => {
  const rows = matrix.rows.slice(0, 2);
  const broken = { ...environment("dev"), problems: [{ file: "a.yaml", message: "no" }] };
  expect(summary({ ...matrix, rows, environments: [broken] }, 0)).toContain("1 environment has problems");
  expect(summary({ ...matrix, rows, problems: [{ file: "p.yaml", message: "no" }] }, 0)).not.toContain("healthy");
});

test("the summary counts what needs a look and never calls a sick world healthy", () => {
  expect(summary(matrix, 0)).toBe("3 workloads in 4 environments. 1 fails.");
  expect(summary({ ...matrix, rows: matrix.rows.slice(0, 2) }, 0)).toContain("Everything is healthy.");
});
