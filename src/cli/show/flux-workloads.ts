import type { FluxWorkload } from "../../model/flux.ts";
import { fluxReference } from "./flux-images.ts";
import { tabulate } from "./tabwriter.ts";

/** fluxctl's `list-workloads`, byte for byte. The workloads are in order. */
export function workloadTable(workloads: readonly FluxWorkload[], headers: boolean): string {
  const heading = headers ? "WORKLOAD\tCONTAINER\tIMAGE\tRELEASE\tPOLICY\n" : "";
  const rows = workloads.map((workload) => containerRows(workload, `${workload.Status}\t${policiesOf(workload)}`));
  return tabulate(heading + rows.join(""));
}

/** What `release --watch` shows of the workloads it released; `verbosity` 1 also counts the pods that are not new yet. */
export function rolloutTable(workloads: readonly FluxWorkload[], verbosity: number): string {
  return workloads
    .map((workload) => {
      const { Updated, Desired, Outdated, Ready } = workload.Rollout;
      const more = verbosity > 0 ? ` (${Outdated} outdated, ${Ready} ready)` : "";
      const rows = containerRows(workload, `${workload.Status}\t${Updated}/${Desired}${more}`);
      return tabulate(`WORKLOAD\tCONTAINER\tIMAGE\tRELEASE\tREPLICAS\n${rows}\n`);
    })
    .join("");
}

/** A line for each container; the workload's own cells stand in the first. */
function containerRows(workload: FluxWorkload, end: string): string {
  const [first, ...others] = workload.Containers ?? [];
  if (first === undefined) return `${workload.ID}\t\t\t${end}\n`;
  const more = others.map((container) => `\t${container.Name}\t${fluxReference(container.Current.ID)}\t\t\n`);
  return `${workload.ID}\t${first.Name}\t${fluxReference(first.Current.ID)}\t${end}\n${more.join("")}`;
}

function policiesOf(workload: FluxWorkload): string {
  const words = [workload.Automated && "automated", workload.Ignore && "ignore", workload.Locked && "locked"];
  return words.filter((word) => word !== false).join(",");
}
