import { showVersion } from "../../../../src/model/image.ts";
import type { CellView, MatrixView, PipelineView, StageView } from "../../../../src/model/views.ts";
import { parseWorkloadId } from "../../../../src/model/workload.ts";
import { cellLook } from "../../signs/look.ts";
import { itemSign } from "../../signs/planItem.ts";
import type { SignName } from "../../signs/Sign.tsx";
import { containerName } from "../releases/words.ts";

/** A version of a workload in a stage. The same version of it has the same colour in every stage. */
export interface Chip {
  readonly workload: string;
  readonly name: string;
  readonly version: string;
  /** Index of the colour: 0 is what the first stage has, the further on the older. */
  readonly colour: number;
}
export interface EnvironmentLine {
  readonly name: string;
  readonly sign: SignName;
  readonly note: string;
}
export interface Wait {
  readonly sign: SignName;
  readonly text: string;
}
export interface StageSummary {
  readonly sign: SignName;
  readonly word: string;
  readonly environments: readonly EnvironmentLine[];
  readonly chips: readonly Chip[];
  /** Workloads whose version is the same in every stage. */
  readonly alike: number;
  /** What does not move and why, in sentences. */
  readonly waits: readonly Wait[];
  /** Workloads that a person can promote now. */
  readonly ready: readonly string[];
}

const colours = 6;
const gravity: readonly SignName[] = ["failed", "rolling", "drifted", "unknown", "waiting", "healthy", "applied"];

interface Seen {
  readonly name: string;
  /** By stage: versions there, in the order of its environments. */
  readonly byStage: Map<string, string[]>;
  readonly order: string[];
}

function versionsOf(pipeline: PipelineView, matrix: MatrixView): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const row of matrix.rows) {
    const entry: Seen = { name: row.name, byStage: new Map(), order: [] };
    for (const stage of pipeline.stages)
      for (const environment of stage.environments) {
        const cell = row.cells[environment];
        const main = cell?.containers.find((container) => container.container === row.name) ?? cell?.containers[0];
        if (main === undefined) continue;
        const version = showVersion(main.version);
        if (!entry.order.includes(version)) entry.order.push(version);
        const there = entry.byStage.get(stage.name) ?? [];
        if (!there.includes(version)) entry.byStage.set(stage.name, [...there, version]);
      }
    if (entry.order.length > 0) seen.set(row.id, entry);
  }
  return seen;
}

function environmentLine(name: string, matrix: MatrixView, now: number): EnvironmentLine {
  const cells = matrix.rows.map((row) => row.cells[name]).filter((cell): cell is CellView => cell !== undefined);
  const looks = cells.map((cell) => cellLook(cell, now));
  const sign = gravity.find((entry) => looks.some((look) => look.sign === entry)) ?? "unknown";
  const same = looks.filter((look) => look.sign === sign);
  const first = cells[looks.indexOf(same[0]!)];
  const note =
    sign === "unknown"
      ? (same[0]?.word ?? "not reported")
      : sign === "healthy" || sign === "applied"
        ? `${cells.length} ${cells.length === 1 ? "workload" : "workloads"}`
        : same.length === 1
          ? `${parseWorkloadId(first!.workload)?.name ?? first!.workload} ${same[0]!.word}`
          : `${same.length} ${same[0]!.word}`;
  return { name, sign, note };
}

/** What a stage's card says. */
export function stageSummary(pipeline: PipelineView, stage: StageView, matrix: MatrixView, now: number): StageSummary {
  const seen = versionsOf(pipeline, matrix);
  const chips: Chip[] = [];
  let alike = 0;
  for (const [workload, entry] of seen) {
    const versions = entry.byStage.get(stage.name) ?? [];
    if (entry.order.length === 1) alike += versions.length > 0 ? 1 : 0;
    else
      for (const version of versions)
        chips.push({ workload, name: entry.name, version, colour: entry.order.indexOf(version) % colours });
  }
  const environments = stage.environments.map((name) => environmentLine(name, matrix, now));
  const items = stage.plans.flatMap((plan) => plan.items);
  const ready =
    stage.promote === "manual"
      ? [...new Set(items.filter((item) => item.status === "change").map((item) => item.workload))]
      : [];
  const waits = stage.inReview.map(
    ({ promotion, environment, branch }): Wait => ({
      sign: "waiting",
      text: `${promotion} waits for its review in ${environment}, on branch ${branch}`,
    }),
  );
  for (const item of items) {
    if ((item.status !== "waiting" && item.status !== "refused") || item.text === undefined) continue;
    const text = `${containerName(item)}: ${item.text}`;
    if (!waits.some((wait) => wait.text === text)) waits.push({ sign: itemSign(item), text });
  }
  return { ...stageWord(stage, environments, ready), environments, chips, alike, waits, ready };
}

/** Whether anything goes on without a person. */
export function isMoving(stage: Pick<StageView, "underWay" | "inReview">): boolean {
  return stage.underWay.some((id) => !isReviewed(stage, id));
}

/** Whether a promotion under way waits for somebody to merge its branch. */
export function isReviewed({ inReview }: Pick<StageView, "inReview">, promotion: string): boolean {
  return inReview.some((entry) => entry.promotion === promotion);
}

function stageWord(
  stage: StageView,
  environments: readonly EnvironmentLine[],
  ready: readonly string[],
): { sign: SignName; word: string } {
  const worst = gravity.find((entry) => environments.some((line) => line.sign === entry)) ?? "unknown";
  if (worst === "failed") return { sign: "failed", word: "failing" };
  if (isMoving(stage)) return { sign: "rolling", word: "moving" };
  if (stage.inReview.length > 0) return { sign: "waiting", word: "waits for a review" };
  if (worst === "rolling") return { sign: "rolling", word: "rolling out" };
  if (worst === "drifted") return { sign: "drifted", word: "drifted" };
  if (ready.length > 0) return { sign: "waiting", word: "waits for a person" };
  if (worst === "unknown") return { sign: "unknown", word: "unknown" };
  return { sign: "healthy", word: "healthy" };
}
