import type { PlanItem } from "../../../../src/model/plan.ts";
import type { PlanView } from "../../../../src/model/views.ts";
import { containerKey, parseWorkloadId } from "../../../../src/model/workload.ts";
import type { Choice } from "../../api/queries.ts";

/** One container of a row, in every environment of the target. */
export interface ContainerRow {
  readonly key: string;
  readonly workload: string;
  readonly container: string;
  readonly places: readonly { readonly environment: string; readonly item: PlanItem }[];
  /** Whether it would change anywhere. */
  readonly movable: boolean;
}
/** One workload of the list. */
export interface WorkloadRow {
  readonly workload: string;
  readonly name: string;
  readonly kind: string;
  readonly containers: readonly ContainerRow[];
  readonly movable: boolean;
}

/** The plans of all environments as rows of workloads with their containers, with what can move first. */
export function workloadRows(view: Pick<PlanView, "plans">): WorkloadRow[] {
  const rows = new Map<string, Map<string, { environment: string; item: PlanItem }[]>>();
  for (const plan of view.plans)
    for (const item of plan.items) {
      const containers = rows.get(item.workload) ?? new Map();
      rows.set(item.workload, containers);
      containers.set(item.container, [
        ...(containers.get(item.container) ?? []),
        { environment: plan.environment, item },
      ]);
    }
  return [...rows].map(([workload, inside]) => workloadRow(workload, inside)).sort((a, b) => rank(a) - rank(b));
}

function workloadRow(workload: string, inside: ReadonlyMap<string, ContainerRow["places"]>): WorkloadRow {
  const containers = [...inside].map(([container, places]) => ({
    key: containerKey({ workload, container }),
    workload,
    container,
    places,
    movable: places.some(({ item }) => item.status === "change"),
  }));
  const parts = parseWorkloadId(workload);
  return {
    workload,
    name: parts?.name ?? workload,
    kind: parts?.kind ?? "",
    containers,
    movable: containers.some((container) => container.movable),
  };
}

/** What can move first, then what a rule or a wait keeps, then what has nothing to do. */
function rank(row: WorkloadRow): number {
  if (row.movable) return 0;
  const kept = row.containers.some(({ places }) =>
    places.some(({ item }) => item.status === "waiting" || item.status === "refused"),
  );
  return kept ? 1 : 2;
}

/** Reads choices from an address: `workload`, `workload#container`, `workload#container@tag`, parted by commas. */
export function readPick(text: string): Choice[] {
  return text
    .split(",")
    .filter(Boolean)
    .map((entry) => {
      const hash = entry.indexOf("#");
      if (hash < 0) return { workload: entry };
      const at = entry.indexOf("@", hash);
      const container = at < 0 ? entry.slice(hash + 1) : entry.slice(hash + 1, at);
      return { workload: entry.slice(0, hash), container, ...(at < 0 ? {} : { tag: entry.slice(at + 1) }) };
    });
}
/** What is chosen: as the address says, or only the workload that is forced, which goes alone. */
export function choicesIn(pick: string, forced: string | undefined): Choice[] {
  const choices = readPick(pick);
  if (forced === undefined) return choices;
  const own = choices.filter((choice) => choice.workload === forced);
  return own.length === 0 ? [{ workload: forced }] : own;
}
export function writePick(choices: readonly Choice[]): string {
  return choices
    .map(({ workload, container, tag }) =>
      container === undefined ? workload : `${workload}#${container}${tag === undefined ? "" : `@${tag}`}`,
    )
    .join(",");
}

/** The containers that are chosen: those named, and of whole workloads all that can move. */
export function chosenKeys(rows: readonly WorkloadRow[], choices: readonly Choice[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const row of rows)
    for (const container of row.containers) {
      const named = choices.some(
        (choice) =>
          choice.workload === row.workload &&
          (choice.container === undefined || choice.container === container.container),
      );
      if (named && container.movable) keys.add(container.key);
    }
  return keys;
}

/** The shortest choices for a set of containers: whole workloads where all that can move is chosen and no tag was. */
export function choicesOf(
  rows: readonly WorkloadRow[],
  keys: ReadonlySet<string>,
  before: readonly Choice[],
): Choice[] {
  return rows.flatMap((row): Choice[] => {
    const movable = row.containers.filter((container) => container.movable);
    const chosen = movable.filter((container) => keys.has(container.key));
    const tagged = before.some((choice) => choice.workload === row.workload && choice.tag !== undefined);
    if (chosen.length === 0) return [];
    if (chosen.length === movable.length && !tagged) return [{ workload: row.workload }];
    return chosen.map((container) => {
      const tag = before.find(
        (choice) => choice.workload === row.workload && choice.container === container.container,
      )?.tag;
      return { workload: row.workload, container: container.container, ...(tag === undefined ? {} : { tag }) };
    });
  });
}

/** The chosen containers with the very tags that were shown, so that an image pushed meanwhile is not promoted unseen. */
export function asShown(rows: readonly WorkloadRow[], keys: ReadonlySet<string>): Choice[] {
  return rows.flatMap((row) =>
    row.containers
      .filter((container) => keys.has(container.key))
      .map(({ workload, container, places }) => {
        const tags = new Set(
          places.flatMap(({ item }) => (item.status === "change" && item.toVersion ? [item.toVersion.tag] : [])),
        );
        const [tag] = tags;
        return { workload, container, ...(tags.size === 1 && tag ? { tag } : {}) };
      }),
  );
}

/** Flips containers: all of them off when every one is on, else all on. */
export function flip(keys: ReadonlySet<string>, containers: readonly ContainerRow[]): ReadonlySet<string> {
  const movable = containers.filter((container) => container.movable).map((container) => container.key);
  const next = new Set(keys);
  const off = movable.every((key) => keys.has(key));
  for (const key of movable)
    if (off) next.delete(key);
    else next.add(key);
  return next;
}

/** The rows with what a chosen tag makes of them: items of the narrower plan replace those of the whole one. */
export function overlay(whole: readonly WorkloadRow[], narrow: readonly WorkloadRow[]): WorkloadRow[] {
  const replaced = new Map(narrow.flatMap((row) => row.containers.map((container) => [container.key, container])));
  return whole
    .map((row) => {
      const containers = row.containers.map((container) => replaced.get(container.key) ?? container);
      return { ...row, containers, movable: containers.some((container) => container.movable) };
    })
    .sort((a, b) => rank(a) - rank(b));
}
