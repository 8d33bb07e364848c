import type { CellView, ImagesView, ImageView } from "../../../../src/model/views.ts";

type Taking = Pick<ImagesView, "container" | "filters">;
type Cell = Pick<CellView, "environment" | "containers">;
type Fixed = { readonly text: string; readonly environments: readonly string[] };

/** Environments that take the container from this image name, with why Git's value cannot be changed there, if so. */
function placesOf({ container, filters }: Taking, cells: readonly Cell[]) {
  const taking = new Set(filters.flatMap(({ environments }) => environments));
  return cells
    .filter(({ environment }) => taking.has(environment))
    .map(({ environment, containers }) => ({
      environment,
      fixed: containers.find((entry) => entry.container === container)?.fixed,
    }));
}

/** Where an image can be released into: not where it is, where the tag filter leaves it out, or where Git cannot be changed. */
export function openFor(image: ImageView, view: Taking, cells: readonly Cell[]): string[] {
  return placesOf(view, cells)
    .filter(({ environment, fixed }) => {
      const taken = [...image.environments, ...image.refusedIn].includes(environment);
      return fixed === undefined && !taken;
    })
    .map(({ environment }) => environment);
}

/** Why the image can be seen and not changed, each reason once with its environments. */
export function fixedOf(view: Taking, cells: readonly Cell[]): Fixed[] {
  const groups = new Map<string, string[]>();
  for (const { environment, fixed } of placesOf(view, cells))
    if (fixed !== undefined) groups.set(fixed, [...(groups.get(fixed) ?? []), environment]);
  return [...groups].map(([text, environments]) => ({ text, environments }));
}
