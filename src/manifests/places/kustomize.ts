import type { FieldPath } from "../locate.ts";
import type { ImagePlace } from "../place.ts";
import { containerNameOf, filledPartAt, partAt, valueAt } from "./fields.ts";
import { putTogether } from "./written.ts";

/**
 * The entries of a list of Kustomize images (`name`, `newName`, `newTag`, `digest`), each called by its `name`. The name
 * is what Kustomize looks for, so only what stands for it is ever edited.
 */
export function kustomizeImagesAt(document: unknown, base: FieldPath): ImagePlace[] {
  const entries = valueAt(document, base);
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((_, index): ImagePlace[] => {
    const part = (key: string) => filledPartAt(document, [...base, index, key]);
    const name = part("name");
    if (name === undefined) return [];
    const tag = partAt(document, [...base, index, "newTag"]);
    const digest = part("digest");
    const doubt =
      tag === undefined && digest === undefined
        ? "this entry sets no newTag and no digest, so the version stands elsewhere; write newTag into it"
        : undefined;
    const shown = part("newName") ?? name;
    const together = putTogether({ name: doubt === undefined ? shown : { ...shown, doubt }, tag, digest });
    return [{ container: containerNameOf(name.text), init: false, shape: "kustomize images", ...together }];
  });
}
