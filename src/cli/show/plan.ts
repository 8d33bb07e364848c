import { showVersion } from "../../model/image.ts";
import type { PlanItem, PlanStatus } from "../../model/plan.ts";
import type { PlanView } from "../../model/views.ts";
import type { Paint } from "./paint.ts";
import { placeName } from "./promotion.ts";
import { lines } from "./table.ts";
import { relative } from "./time.ts";

/** One line of the plan: what happens to a container, in all environments where the same happens. */
interface Line {
  readonly item: PlanItem;
  readonly environments: string[];
}

/** What a promotion would change, and what would stay and why. `asked` also shows what is there already. */
export function showPlan(view: PlanView, asked: boolean, now: number, paint: Paint): string {
  const grouped = groupItems(view);
  const of = (...statuses: readonly PlanStatus[]) => grouped.filter((line) => statuses.includes(line.item.status));
  const changes = of("change");
  const there = of("same");
  const absent = of("absent");
  const all = view.plans.map((plan) => plan.environment);
  const shown = [...changes, ...of("refused", "waiting"), ...(asked ? [...there, ...absent] : [])];
  const parts: string[] = [];
  if (shown.length > 0) parts.push(planTable(shown, all, now, paint));
  if (!asked && there.length > 0) parts.push(`  ${there.length} already there\n`);
  if (!asked && absent.length > 0)
    parts.push(`  ${absent.length} not in both ${placeName(view.source)} and ${placeName(view.target)}\n`);
  if (view.gates.length > 0)
    parts.push(`Gates: ${view.gates.map((gate) => `${gate.gate} ${gate.state} (${gate.reason})`).join("; ")}\n`);
  if (changes.length > 0 && view.order === "sequence" && all.length > 1)
    parts.push(`One after the other: ${all.join(", then ")}, each when the one before is verified\n`);
  return parts.join("");
}

function groupItems(view: PlanView): Line[] {
  const found = new Map<string, Line>();
  for (const plan of view.plans)
    for (const item of plan.items) {
      const key = JSON.stringify([item.workload, item.container, item.status, item.from, item.to, item.text]);
      const line = found.get(key) ?? { item, environments: [] };
      line.environments.push(plan.environment);
      found.set(key, line);
    }
  return [...found.values()].sort(
    (a, b) => a.item.workload.localeCompare(b.item.workload) || a.item.container.localeCompare(b.item.container),
  );
}

function planTable(shown: readonly Line[], all: readonly string[], now: number, paint: Paint): string {
  const rows = shown.flatMap(({ item, environments }) => [
    [
      item.workload,
      item.container,
      whereOf(environments, all),
      item.fromVersion === undefined ? "-" : showVersion(item.fromVersion),
      item.status === "change" && item.toVersion !== undefined ? paint("bold", showVersion(item.toVersion)) : "-",
      item.status === "change" ? notesOf(item, now) : staysOf(item, paint),
    ],
    ...besides(item, paint),
  ]);
  return lines([["WORKLOAD", "CONTAINER", "ENVIRONMENT", "FROM", "TO", "NOTE"], ...rows], "  ");
}

/** What else a change does, a rule it breaks or a way back, in a line of its own. */
function besides(item: PlanItem, paint: Paint): string[][] {
  if (item.status !== "change" || item.text === undefined) return [];
  return [["", "", "", "", "", paint("amber", item.text)]];
}

function notesOf(item: PlanItem, now: number): string {
  const notes = [];
  if (item.builtAt !== undefined) notes.push(`built ${relative(item.builtAt, now)}`);
  if (item.revision !== undefined) notes.push(`from ${item.revision.slice(0, 7)}`);
  if (item.behind !== undefined && item.behind > 1) notes.push(`${item.behind} versions newer`);
  return notes.join(", ");
}

function staysOf(item: PlanItem, paint: Paint): string {
  if (item.status === "same") return "already there";
  const who = item.who === undefined ? "" : `; ${item.who} can lift it`;
  return `${paint("amber", item.status === "waiting" ? "not yet" : "stays")}: ${item.text ?? item.status}${who}`;
}
function whereOf(environments: readonly string[], all: readonly string[]): string {
  return environments.length === all.length && all.length > 2 ? `all ${all.length}` : environments.join(", ");
}
