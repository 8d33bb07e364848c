import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import { showVersion } from "../../model/image.ts";
import { changesOf, type PlanItem } from "../../model/plan.ts";
import type { PipelineView, StageView } from "../../model/views.ts";
import { text } from "../arguments/parse.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";
import { type Paint, painter } from "../show/paint.ts";
import { changeName, placeName } from "../show/promotion.ts";
import { lines } from "../show/table.ts";

interface Flags extends ConnectionFlags, OutputFlags {}

/** `sluice pipelines`: every stage, what moves into it, and whose turn it is. */
export const pipelinesCommand = buildCommand<Flags, string[], CliContext>({
  docs: { brief: "Show pipelines: what moves, what waits and for whom" },
  parameters: {
    flags: { ...outputFlags, ...connectionFlags },
    positional: { kind: "array", parameter: { parse: text, placeholder: "PIPELINE", brief: "Only these pipelines" } },
    aliases: outputAliases,
  },
  async func(flags, ...names) {
    const answer = await connect(flags, this).pipelines();
    for (const name of names)
      if (!answer.pipelines.some((pipeline) => pipeline.name === name))
        throw new SluiceError("not_found", `There is no pipeline "${name}".`, {
          help: `There are: ${answer.pipelines.map((pipeline) => pipeline.name).join(", ") || "none"}.`,
        });
    const shown = answer.pipelines.filter((pipeline) => names.length === 0 || names.includes(pipeline.name));
    const paint = painter(this.out, this.env);
    await print(this, flags.output, answer, {
      table: () =>
        shown.length === 0
          ? "There is no pipeline.\n"
          : shown.map((pipeline) => pipelineTable(pipeline, paint)).join("\n"),
      names: () => shown.map((pipeline) => pipeline.name),
    });
  },
});

/** One pipeline's stages, a line each, with what stands at each below it. */
function pipelineTable(pipeline: PipelineView, paint: Paint): string {
  const rows = pipeline.stages.map((stage) => [
    stage.name,
    stage.environments.join(stage.order === "sequence" ? ", then " : ", "),
    stage.sources.map(placeName).join(", "),
    stage.promote === "manual" ? "by hand" : "by itself",
    stateOf(stage, paint),
  ]);
  const table = lines([["STAGE", "ENVIRONMENTS", "FROM", "MOVES", "NOW"], ...rows], "  ");
  return `${paint("bold", pipeline.name)}\n${table}${pipeline.stages.map(standingAt).join("")}`;
}

function stateOf(stage: StageView, paint: Paint): string {
  const parts = [];
  if (stage.underWay.length > 0) parts.push(paint("blue", `under way: ${stage.underWay.join(", ")}`));
  const waiting = movable(stage).size;
  if (waiting > 0 && stage.gates.some((gate) => gate.state !== "open"))
    parts.push(paint("amber", `${waiting} waiting`));
  const refused = new Set(
    stage.plans.flatMap((plan) => plan.items).flatMap((item) => (item.status === "refused" ? [item.workload] : [])),
  );
  if (refused.size > 0) parts.push(paint("amber", `${refused.size} kept back`));
  if (parts.length === 0 && waiting > 0) parts.push(paint("blue", `${waiting} about to move`));
  return parts.length === 0 ? "up to date" : parts.join(", ");
}
function movable(stage: StageView): Set<string> {
  return new Set(stage.plans.flatMap((plan) => changesOf(plan).map((item) => item.workload)));
}

/** What stands before a stage, why, and what to do about it. */
function standingAt(stage: StageView): string {
  const rows = waitingLines(stage);
  if (rows.length === 0) return "";
  const gates = stage.gates.filter((gate) => gate.state !== "open");
  const reasons = gates.map((gate) => `    ${gate.reason}${gate.who ? ` (${gate.who})` : ""}\n`).join("");
  const hint = gates.length > 0 && movable(stage).size > 0 ? `    sluice promote --all --to ${stage.name}\n` : "";
  return `\n  Before ${stage.name}:\n${lines(rows, "    ")}${reasons}${hint}`;
}

/** What could move or is kept back; the environments are named where they differ. */
function waitingLines(stage: StageView): string[][] {
  const found = new Map<string, { readonly name: string; readonly text: string; readonly environments: string[] }>();
  for (const plan of stage.plans)
    for (const item of plan.items) {
      const text = standing(item);
      if (text === undefined) continue;
      const name = changeName(item);
      const line = found.get(`${name} ${text}`) ?? { name, text, environments: [] };
      line.environments.push(plan.environment);
      found.set(`${name} ${text}`, line);
    }
  return [...found.values()].map(({ name, text, environments }) => [
    name,
    environments.length === stage.environments.length ? text : `${environments.join(", ")}: ${text}`,
  ]);
}

function standing(item: PlanItem): string | undefined {
  if (item.status === "refused" || item.status === "waiting") return item.text ?? item.status;
  if (item.status !== "change") return undefined;
  const from = item.fromVersion === undefined ? "" : showVersion(item.fromVersion);
  return `${from} -> ${item.toVersion === undefined ? "" : showVersion(item.toVersion)}`;
}
