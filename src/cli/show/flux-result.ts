import type { FluxContainerUpdate, FluxResult, FluxUpdateStatus } from "../../model/flux.ts";
import { parseImage } from "../../model/image.ts";
import { fluxReference } from "./flux-images.ts";
import { tabulate } from "./tabwriter.ts";

export const resultHeading = "WORKLOAD \tSTATUS \tUPDATES";

/** A line of what a release or policy change did or would do. Only one with an update can be selected. */
export interface ResultLine {
  readonly workload: string;
  readonly status: FluxUpdateStatus;
  readonly text: string;
  readonly update?: FluxContainerUpdate;
}

/** The lines of a result by workload: its reason first, then its updates. `verbosity` 1 adds what was skipped, 2 what was ignored. */
export function resultLines(result: FluxResult, verbosity: number): ResultLine[] {
  return Object.keys(result)
    .sort()
    .flatMap((workload): ResultLine[] => {
      const { Status: status, Error: reason, PerContainer } = result[workload]!;
      if ((status === "ignored" && verbosity < 2) || (status === "skipped" && verbosity < 1)) return [];
      const updates = (PerContainer ?? []).map((update) => ({ workload, status, text: textOf(update), update }));
      const told = reason !== undefined && reason !== "";
      if (told || updates.length === 0) return [{ workload, status, text: reason ?? "" }, ...updates];
      return updates;
    });
}

/** fluxctl's table of what a release or policy change did, byte for byte. */
export function resultTable(result: FluxResult, verbosity: number): string {
  const lines = resultLines(result, verbosity);
  const rows = lines.map((line, index) => resultCells(line, lines[index - 1]));
  return tabulate(`${[resultHeading, ...rows].join("\n")}\n`);
}

/** A line's cells; workload and status stand on a workload's first line only. */
export function resultCells(line: ResultLine, before: ResultLine | undefined): string {
  return before?.workload === line.workload ? `\t\t${line.text}` : `${line.workload}\t${line.status}\t${line.text}`;
}

function textOf({ Container, Current, Target }: FluxContainerUpdate): string {
  return `${Container}: ${fluxReference(Current)} -> ${parseImage(Target)?.tag ?? ""}`;
}
