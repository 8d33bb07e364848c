import { SluiceError } from "../errors.ts";
import type { RowView } from "../model/views.ts";
import { parseWorkloadId } from "../model/workload.ts";

/** Whether what a person wrote (`catalogue`, `deployment/catalogue`, `shop/catalogue` or the whole id) means this workload. */
export function nameMatches(id: string, written: string): boolean {
  if (written === id) return true;
  const parts = parseWorkloadId(id);
  if (parts === undefined || written.includes(":")) return false;
  const [first, second] = written.split("/");
  if (second === undefined) return parts.name === first;
  return parts.name === second && (parts.kind === first?.toLowerCase() || parts.namespace === first);
}

/** The one workload a person means. Throws when there is none, or several. */
export function findWorkload(rows: readonly RowView[], written: string): RowView {
  const found = rows.filter((row) => nameMatches(row.id, written));
  const [row] = found;
  if (row === undefined)
    throw new SluiceError("not_found", `There is no workload "${written}".`, {
      help: "sluice list-workloads shows them all.",
    });
  if (found.length > 1)
    throw new SluiceError("bad_request", `"${written}" could be ${found.map((entry) => entry.id).join(" or ")}.`, {
      help: "Write the whole id.",
    });
  return row;
}
