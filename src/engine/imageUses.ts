import { imageName, parseImage, versionOf } from "../model/image.ts";
import type { Workload } from "../model/workload.ts";

interface ImageUse {
  readonly name: string;
  readonly tag: string;
}
/** A workload that no commit changes stays the same value from tree to tree: its references are read once. */
const known = new WeakMap<Workload, readonly ImageUse[]>();

/** Adds the image repositories that workloads use, by canonical name with the tags used of each. */
export function addImageUses(uses: Map<string, Set<string>>, workloads: Iterable<Workload>): void {
  for (const workload of workloads)
    for (const { name, tag } of usesOf(workload)) {
      const tags = uses.get(name);
      if (tags === undefined) uses.set(name, new Set([tag]));
      else tags.add(tag);
    }
}

function usesOf(workload: Workload): readonly ImageUse[] {
  let uses = known.get(workload);
  if (uses === undefined) {
    uses = workload.containers.flatMap(({ image }) => {
      const ref = parseImage(image);
      return ref === undefined ? [] : [{ name: imageName(ref), tag: versionOf(ref).tag }];
    });
    known.set(workload, uses);
  }
  return uses;
}
