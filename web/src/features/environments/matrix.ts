import { sameVersion } from "../../../../src/model/image.ts";
import type { CellContainer, CellView, EnvironmentView, MatrixView, RowView } from "../../../../src/model/views.ts";
import { cellLook } from "../../signs/look.ts";

export interface MatrixFilter {
  readonly text: string;
  readonly differs: boolean;
  readonly attention: boolean;
}
/** Neighbouring columns of one stage under one heading. */
export interface ColumnGroup {
  readonly key: string;
  readonly title: string;
  readonly pipeline?: string;
  readonly environments: readonly EnvironmentView[];
}
export interface RowGroup {
  readonly namespace: string;
  readonly rows: readonly RowView[];
}

/** Columns as they come, those of the same stage under one heading. */
export function columnGroups(environments: readonly EnvironmentView[]): ColumnGroup[] {
  const groups: { key: string; title: string; pipeline?: string; environments: EnvironmentView[] }[] = [];
  for (const environment of environments) {
    const { stage } = environment;
    const key = stage === undefined ? "-" : `${stage.pipeline}/${stage.stage}`;
    const last = groups.at(-1);
    if (last?.key === key) last.environments.push(environment);
    else
      groups.push({
        key,
        title: stage?.stage ?? "no pipeline",
        ...(stage === undefined ? {} : { pipeline: stage.pipeline }),
        environments: [environment],
      });
  }
  return groups;
}

/** The container people mean when they say the workload's version: the one of its name, else the first that stays. */
export function mainContainer(cell: CellView, name: string): CellContainer | undefined {
  return (
    cell.containers.find((container) => container.container === name) ??
    cell.containers.find((container) => !container.init) ??
    cell.containers[0]
  );
}

/** Whether environments have different versions of it. */
export function differs(row: RowView): boolean {
  const cells = Object.values(row.cells);
  const [first] = cells;
  if (first === undefined) return false;
  return cells.some((cell) =>
    cell.containers.some((container) => {
      const other = first.containers.find((entry) => entry.container === container.container);
      return other === undefined || !sameVersion(other.version, container.version);
    }),
  );
}

function needsAttention(row: RowView, now: number): boolean {
  return Object.values(row.cells).some((cell) => cellLook(cell, now).attention);
}

/** The rows a person asked for, by namespace. */
export function rowGroups(matrix: MatrixView, filter: MatrixFilter, now: number): RowGroup[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = matrix.rows.filter((row) => {
    if (filter.differs && !differs(row)) return false;
    if (filter.attention && !needsAttention(row, now)) return false;
    const text = `${row.id} ${Object.values(row.cells)
      .flatMap((cell) => cell.containers.map((container) => container.image))
      .join(" ")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const groups = new Map<string, RowView[]>();
  for (const row of rows) groups.set(row.namespace, [...(groups.get(row.namespace) ?? []), row]);
  return [...groups].map(([namespace, inside]) => ({ namespace, rows: inside }));
}

/** One sentence that sums the matrix up. */
export function summary(matrix: MatrixView, now: number): string {
  const looks = matrix.rows.flatMap((row) => Object.values(row.cells).map((cell) => cellLook(cell, now)));
  const count = (sign: string) => looks.filter((look) => look.sign === sign).length;
  const away = matrix.environments.filter((environment) => !environment.agent.connected).length;
  const troubled = matrix.environments.filter((environment) => environment.problems.length > 0).length;
  const parts = [
    [count("failed"), "fails", "fail"],
    [count("rolling"), "is rolling out", "are rolling out"],
    [count("drifted"), "has drifted", "have drifted"],
    [away, "environment does not report", "environments do not report"],
    [troubled, "environment has problems", "environments have problems"],
    [matrix.problems.length, "place of the configuration is wrong", "places of the configuration are wrong"],
  ] as const;
  const said = parts
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => `${number} ${number === 1 ? one : many}`);
  const workloads = matrix.rows.length === 1 ? "1 workload" : `${matrix.rows.length} workloads`;
  const places = matrix.environments.length === 1 ? "1 environment" : `${matrix.environments.length} environments`;
  return `${workloads} in ${places}. ${said.length === 0 ? "Everything is healthy." : `${said.join(", ")}.`}`;
}
