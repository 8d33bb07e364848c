import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import { showVersion } from "../../model/image.ts";
import type { CellView, MatrixView, RowView } from "../../model/views.ts";
import { text } from "../arguments/parse.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";
import { type Paint, painter } from "../show/paint.ts";
import { table, width } from "../show/table.ts";
import { firstEvidence, showVerdict } from "../show/verdict.ts";

interface Flags extends ConnectionFlags, OutputFlags {
  readonly namespace?: string;
  readonly environment?: string;
  readonly allNamespaces?: boolean;
}

/** `sluice list-workloads`: what runs where; with an environment the table of fluxctl. */
export const listWorkloadsCommand = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Show every workload, its versions and verdicts",
    fullDescription:
      "Without -e a column per environment; with it the images, the verdict and the policy of that environment.",
  },
  parameters: {
    flags: {
      namespace: { kind: "parsed", parse: text, placeholder: "NAME", optional: true, brief: "Only this namespace" },
      environment: { kind: "parsed", parse: text, placeholder: "NAME", optional: true, brief: "Only this environment" },
      allNamespaces: {
        kind: "boolean",
        optional: true,
        withNegated: false,
        brief: "Every namespace (as it is anyway)",
      },
      ...connectionFlags,
      ...outputFlags,
    },
    aliases: { n: "namespace", e: "environment", a: "allNamespaces", ...outputAliases },
  },
  async func(flags) {
    const matrix = await connect(flags, this).matrix();
    const environments = matrix.environments.map((environment) => environment.name);
    const only = flags.environment ?? (environments.length === 1 ? environments[0] : undefined);
    if (only !== undefined && !environments.includes(only))
      throw new SluiceError("not_found", `There is no environment "${only}".`, {
        help: `There are ${environments.join(", ")}.`,
      });
    const rows = matrix.rows.filter(
      (row) =>
        (flags.namespace === undefined || flags.allNamespaces || row.namespace === flags.namespace) &&
        (only === undefined || row.cells[only] !== undefined),
    );
    const paint = painter(this.out, this.env);
    await print(this, flags.output, matrix, {
      table: () => {
        if (rows.length === 0) return "There is no workload.\n";
        if (only !== undefined) return environmentTable(rows, only, paint);
        const full = matrixTable(rows, environments, paint, true);
        const fits = !this.out.terminal || full.split("\n").every((line) => width(line) <= this.out.columns);
        return fits ? full : matrixTable(rows, environments, paint, false);
      },
      names: () => rows.map((row) => row.id),
    });
    warn(this, matrix, only);
  },
});

/** One environment, as fluxctl lists it: workload, container, image, verdict and policy. */
function environmentTable(rows: readonly RowView[], environment: string, paint: Paint): string {
  const lines = rows.flatMap((row) => {
    const cell = row.cells[environment]!;
    return cell.containers.map((container, index) => {
      const first = index === 0;
      return [
        first ? row.id : "",
        container.container,
        container.image,
        first ? showVerdict(cell.verdict, paint) : "",
        first ? policyOf(cell) : "",
      ];
    });
  });
  return table(["WORKLOAD", "CONTAINER", "IMAGE", "RELEASE", "POLICY"], lines);
}

function policyOf(cell: CellView): string {
  const words = [];
  if (cell.automated) words.push("automated");
  if (cell.locked !== undefined) words.push(cell.locked.by === undefined ? "locked" : `locked by ${cell.locked.by}`);
  if (cell.holds.length > 0) words.push("held");
  if (cell.drift.length > 0) words.push("drifted");
  return words.join(", ");
}

/** A column per environment; without room for words only what is not healthy has some. */
function matrixTable(rows: readonly RowView[], environments: readonly string[], paint: Paint, words: boolean): string {
  const lines = rows.flatMap((row) => {
    const names = new Set(Object.values(row.cells).flatMap((cell) => cell.containers.map((entry) => entry.container)));
    return [...names].map((container, index) => [
      index === 0 ? row.id : "",
      container,
      ...environments.map((name) => showCell(row.cells[name], container, paint, words)),
    ]);
  });
  return table(["WORKLOAD", "CONTAINER", ...environments.map((name) => name.toUpperCase())], lines);
}

function showCell(cell: CellView | undefined, container: string, paint: Paint, words: boolean): string {
  const found = cell?.containers.find((entry) => entry.container === container);
  if (cell === undefined || found === undefined) return "-";
  const verdict = showVerdict(cell.verdict, paint);
  const short = words || cell.verdict.state !== "healthy" ? verdict : paint("green", "✓");
  const lock = cell.locked === undefined ? "" : " locked";
  const could =
    found.next?.status === "change" && found.next.toVersion !== undefined ? found.next.toVersion : undefined;
  return `${showVersion(found.version)} ${short}${lock}${could === undefined ? "" : ` ^${showVersion(could)}`}`;
}

/** What a person must know beside the table goes to stderr: trouble with its evidence, agents away, broken files. */
function warn(context: CliContext, matrix: MatrixView, only: string | undefined): void {
  for (const environment of matrix.environments) {
    if (only !== undefined && environment.name !== only) continue;
    if (!environment.agent.connected) context.err.write(`${environment.name}: the agent is away\n`);
    for (const problem of environment.problems)
      context.err.write(`${environment.name}: ${placeOf(problem)}${problem.message}\n`);
    if (environment.prune !== undefined)
      context.err.write(
        `${environment.name}: removing ${environment.prune.objects.length} of ${environment.prune.of} objects waits for a person: sluice confirm-prune ${environment.name}\n`,
      );
  }
  for (const problem of matrix.problems) context.err.write(`configuration: ${placeOf(problem)}${problem.message}\n`);
  for (const row of matrix.rows)
    for (const cell of Object.values(row.cells)) {
      const evidence = firstEvidence(cell.verdict);
      if (evidence !== undefined && (only === undefined || only === cell.environment))
        context.err.write(`${cell.environment}: ${row.name}: ${evidence}\n`);
    }
}

function placeOf(problem: { readonly file?: string; readonly line?: number; readonly object?: string }): string {
  if (problem.file === undefined) return problem.object === undefined ? "" : `${problem.object}: `;
  return problem.line === undefined ? `${problem.file}: ` : `${problem.file}:${problem.line}: `;
}
