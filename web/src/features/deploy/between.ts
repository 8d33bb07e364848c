import { sameVersion } from "../../../../src/model/image.ts";
import type { PlanItem } from "../../../../src/model/plan.ts";
import type { ImageView } from "../../../../src/model/views.ts";

/** Builds that a move brings in, newest first: from the new image down to, without, the one that is there. */
export function between(images: readonly ImageView[], item: Pick<PlanItem, "fromVersion" | "toVersion">): ImageView[] {
  const find = (version: PlanItem["fromVersion"]) => images.find((image) => version && sameVersion(image, version));
  const from = find(item.fromVersion)?.createdAt;
  const to = find(item.toVersion);
  if (to === undefined) return [];
  if (to.createdAt === undefined || from === undefined) return [to];
  const upper = to.createdAt;
  if (upper <= from) return [to];
  return images
    .filter(
      (image) => image === to || (image.createdAt !== undefined && image.createdAt > from && image.createdAt < upper),
    )
    .sort((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0));
}
