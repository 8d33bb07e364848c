import { showVersion } from "../../model/image.ts";
import type { PlanItem } from "../../model/plan.ts";
import type { PlanView } from "../../model/views.ts";
import type { PickRow } from "./picker.ts";

export const planHeading = "WORKLOAD \tENVIRONMENT \tUPDATES";

/** A container of a plan in every environment where it moves or is kept from moving. */
export interface PlanRow extends PickRow {
  readonly workload: string;
  readonly container: string;
  /** What it moves from and the tag it moves to, where that is the same in every environment. */
  readonly from?: string;
  readonly tag?: string;
}

/**
 * A plan as rows to pick from, one for each container: what it moves to in which environments. One that a rule keeps
 * everywhere stays visible, with the reason, and cannot be selected.
 */
export function planRows(plan: PlanView): PlanRow[] {
  const entries = plan.plans.flatMap(({ environment, items }) => items.map((item) => ({ environment, item })));
  const shown = entries.filter(({ item }) => item.status !== "same" && item.status !== "absent");
  const byContainer = Map.groupBy(shown, ({ item }) => `${item.workload} ${item.container}`);
  const rows = [...byContainer.values()].map((own) => {
    const { workload, container } = own[0]!.item;
    const moving = own.filter(({ item }) => item.status === "change");
    const told = moving.length > 0 ? moving : own;
    const environments = told.map(({ environment }) => environment).join(", ");
    const texts = [...new Set(told.map(({ item }) => textOf(item)))];
    const text = `${workload}\t${environments}\t${container}: ${texts.join("; ")}`;
    const from = only(moving.map(({ item }) => item.from));
    const tag = only(moving.map(({ item }) => item.toVersion?.tag));
    return {
      workload,
      container,
      text,
      selectable: moving.length > 0,
      ...(from === undefined ? {} : { from }),
      ...(tag === undefined ? {} : { tag }),
    };
  });
  return rows.sort((a, b) => (a.text < b.text ? -1 : 1));
}

function textOf(item: PlanItem): string {
  if (item.status !== "change") return item.text ?? item.status;
  const [from, to] = [item.fromVersion, item.toVersion].map((version) => version && showVersion(version));
  return `${from ?? "-"} -> ${to ?? "-"}${item.text === undefined ? "" : ` (${item.text})`}`;
}

function only(values: readonly (string | undefined)[]): string | undefined {
  return new Set(values).size === 1 ? values[0] : undefined;
}
