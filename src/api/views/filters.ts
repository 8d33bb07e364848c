import type { FilterInForce } from "../../model/views.ts";
import type { ContainerImage, Workload } from "../../model/workload.ts";
import { filterOf } from "../../planning/candidates.ts";

/** The tag filter of one container with where it comes from; undefined where every tag may come. */
export function filterInForce(workload: Workload, slot: ContainerImage): FilterInForce | undefined {
  const { tags, written } = workload.policy;
  const own = Object.hasOwn(tags, slot.container) ? tags[slot.container] : undefined;
  // An annotation goes before a marker.
  const marker = Object.hasOwn(written, `tag.${slot.container}`) ? undefined : slot.policy;
  if (own === undefined && marker === undefined) return undefined;
  const filtered = filterOf(workload, slot.container);
  return {
    ...(own === undefined ? {} : { filter: own }),
    ...(marker === undefined ? {} : { imagePolicy: marker }),
    ...("problem" in filtered ? { problem: filtered.problem } : {}),
  };
}
