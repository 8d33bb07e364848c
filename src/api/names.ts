import { SluiceError } from "../errors.ts";
import { showPlace, type Target } from "../model/source.ts";
import { parseWorkloadId, type WorkloadId } from "../model/workload.ts";
import { environmentsOf, findTarget } from "../pipelines/graph.ts";
import type { ApiContext } from "./context.ts";

/** The stage or environment of a name; throws `not_found`, and `bad_request` where several stages have it. */
export function targetOf(context: ApiContext, place: string | Target): Target {
  if (typeof place !== "string") return place;
  const found = findTarget(context.repositories.configuration, place);
  if (found === undefined) throw new SluiceError("not_found", `there is no stage or environment "${brief(place)}"`);
  if ("ambiguous" in found)
    throw new SluiceError(
      "bad_request",
      `"${place}" is a stage of several pipelines; write one of ${found.ambiguous.join(", ")}`,
    );
  return found;
}

/**
 * Whole ids for the names people use of a place's workloads: `catalogue`, `deployment/catalogue` or `shop/catalogue`.
 * A whole id is taken as it is, known or not. The function answered throws `not_found`, and `bad_request` for what is
 * neither or could be several.
 */
export async function workloadNames(context: ApiContext, target: Target): Promise<(name: string) => WorkloadId> {
  const environments = environmentsOf(context.repositories.configuration, target);
  const trees = await Promise.all(environments.map((name) => context.repositories.tree(name)));
  let known: ReadonlySet<string> | undefined;
  const ids = () => (known ??= new Set(trees.flatMap((tree) => [...tree.workloads.keys()])));
  return (name) => {
    if (parseWorkloadId(name) !== undefined) return name;
    if (name.includes(":"))
      throw new SluiceError("bad_request", `"${brief(name)}" is no workload; write namespace:kind/name`);
    const [where, wanted] = name.includes("/") ? (name.split("/") as [string, string]) : [undefined, name];
    const matches = [...ids()].filter((id) => {
      const parts = parseWorkloadId(id);
      return parts?.name === wanted && (where === undefined || parts?.kind === where || parts?.namespace === where);
    });
    if (matches.length === 1) return matches[0]!;
    if (matches.length === 0)
      throw new SluiceError("not_found", `there is no workload "${brief(name)}" in ${showPlace(target)}`);
    throw new SluiceError("bad_request", `"${name}" could be ${matches.join(" or ")}`);
  };
}

/** A name as an error shows it, which has to stay readable whatever was sent. */
function brief(name: string): string {
  return name.length > 200 ? `${name.slice(0, 200)}...` : name;
}
