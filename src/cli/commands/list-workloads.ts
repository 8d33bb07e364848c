import { buildCommand } from "@stricli/core";
import type { FluxWorkload } from "../../model/flux.ts";
import { showVersion } from "../../model/image.ts";
import type { CellView, RowView } from "../../model/views.ts";
import { flag, named } from "../arguments/flags.ts";
import {
  type ConnectionFlags,
  connect,
  connectFlux,
  connectionFlags,
  type EnvironmentFlags,
  environmentAliases,
  environmentFlags,
  environmentOf,
} from "../connection.ts";
import type { CliContext } from "../context.ts";
import { workloadTable } from "../show/flux-workloads.ts";
import { notesOf } from "../show/notes.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";
import { type Paint, painter } from "../show/paint.ts";
import { lines, table, width } from "../show/table.ts";
import { showVerdict } from "../show/verdict.ts";

interface Flags extends ConnectionFlags, OutputFlags, EnvironmentFlags {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly container?: string;
  readonly noHeaders?: boolean;
}

/** `sluice list-workloads`: what runs where; of one environment the table of fluxctl. */
export const listWorkloadsCommand = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Show every workload, its versions and verdicts",
    fullDescription:
      "Without -e a column per environment; with it fluxctl's table of that environment: images, state and policies.\n" +
      "Trouble is told beside it, on stderr.",
  },
  parameters: {
    flags: {
      ...environmentFlags,
      namespace: named("NAME", "Only this namespace"),
      allNamespaces: flag("Every namespace (as it is anyway)"),
      container: named("NAME", "Only workloads with this container"),
      noHeaders: flag("Without the heading"),
      ...connectionFlags,
      ...outputFlags,
    },
    aliases: { ...environmentAliases, n: "namespace", a: "allNamespaces", c: "container", ...outputAliases },
  },
  async func(flags) {
    const environment = environmentOf(flags, this);
    await (environment === undefined ? showMatrix(this, flags) : showEnvironment(this, flags, environment));
  },
});

async function showEnvironment(context: CliContext, flags: Flags, environment: string): Promise<void> {
  const { client, flux } = connectFlux(flags, context, environment);
  const namespace = flags.allNamespaces ? "" : (flags.namespace ?? "");
  const [answer, matrix] = await Promise.all([flux.workloads(namespace), client.matrix()]);
  const workloads = answer.filter(
    ({ Containers }) =>
      flags.container === undefined || (Containers ?? []).some(({ Name }) => Name === flags.container),
  );
  await print(context, flags.output, workloads.map(asFluxctl), {
    table: () => workloadTable(workloads, !flags.noHeaders),
    names: () => workloads.map(({ ID }) => ID),
  });
  for (const note of notesOf(matrix, environment)) context.err.write(`${note}\n`);
}

/** As fluxctl prints it: an absent list is null. */
function asFluxctl(workload: FluxWorkload): object {
  const { Messages = null, ...rollout } = workload.Rollout;
  return { ...workload, Rollout: { ...rollout, Messages } };
}

async function showMatrix(context: CliContext, flags: Flags): Promise<void> {
  const matrix = await connect(flags, context).matrix();
  const environments = matrix.environments.map((environment) => environment.name);
  const rows = matrix.rows.filter(
    (row) =>
      (flags.namespace === undefined || flags.allNamespaces || row.namespace === flags.namespace) &&
      (flags.container === undefined || containersOf(row).includes(flags.container)),
  );
  const paint = painter(context.out, context.env);
  await print(context, flags.output, matrix, {
    table: () => {
      if (rows.length === 0) return "There is no workload.\n";
      const show = (words: boolean) => matrixTable(rows, environments, paint, { words, headers: !flags.noHeaders });
      const full = show(true);
      const fits = !context.out.terminal || full.split("\n").every((line) => width(line) <= context.out.columns);
      return fits ? full : show(false);
    },
    names: () => rows.map((row) => row.id),
  });
  for (const note of notesOf(matrix)) context.err.write(`${note}\n`);
}

function containersOf(row: RowView): string[] {
  return [...new Set(Object.values(row.cells).flatMap((cell) => cell.containers.map((entry) => entry.container)))];
}

/** A column per environment; without room for words only what is not healthy has some. */
function matrixTable(
  rows: readonly RowView[],
  environments: readonly string[],
  paint: Paint,
  { words, headers }: { readonly words: boolean; readonly headers: boolean },
): string {
  const cells = rows.flatMap((row) =>
    containersOf(row).map((container, index) => [
      index === 0 ? row.id : "",
      container,
      ...environments.map((name) => showCell(row.cells[name], container, paint, words)),
    ]),
  );
  if (!headers) return lines(cells);
  return table(["WORKLOAD", "CONTAINER", ...environments.map((name) => name.toUpperCase())], cells);
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
