import { SluiceError } from "../errors.ts";
import { parseWorkloadId } from "../model/workload.ts";

/** Whether what a person wrote (`catalogue`, `deployment/catalogue`, `shop/catalogue` or the whole id) means this workload. */
function nameMatches(id: string, written: string): boolean {
  if (written === id) return true;
  const parts = parseWorkloadId(id);
  if (parts === undefined || written.includes(":")) return false;
  const [first, second] = written.split("/");
  if (second === undefined) return parts.name === first;
  return parts.name === second && (parts.kind === first?.toLowerCase() || parts.namespace === first);
}

/**
 * The id of the one workload a person means, of a namespace where one is given. A whole id is taken as it is, its kind
 * in small letters. Throws when there is none, or several.
 */
export function findWorkload(ids: readonly string[], written: string, namespace = ""): string {
  if (written.includes(":")) return wholeId(written);
  const found = ids.filter(
    (id) => nameMatches(id, written) && (namespace === "" || parseWorkloadId(id)?.namespace === namespace),
  );
  const [id] = found;
  if (id === undefined)
    throw new SluiceError(
      "not_found",
      `There is no workload "${written}"${namespace && ` in namespace ${namespace}`}.`,
      {
        help: "sluice list-workloads shows them all.",
      },
    );
  if (found.length > 1)
    throw new SluiceError("bad_request", `"${written}" could be ${found.join(" or ")}.`, {
      help: "Write the whole id.",
    });
  return id;
}

/** A name as the server takes it: with its namespace where one is given. */
export function inNamespace(written: string, namespace: string | undefined): string {
  if (written.includes(":")) return wholeId(written);
  if (namespace === undefined) return written;
  return written.includes("/") ? `${namespace}:${written.toLowerCase()}` : `${namespace}/${written}`;
}

/** Kinds are written small in ids. */
function wholeId(written: string): string {
  return written.replace(/:[^/]*/, (kind) => kind.toLowerCase());
}
