import { parseImage } from "../../model/image.ts";
import type { FieldPath } from "../locate.ts";
import type { ImagePlace, ImageShape } from "../place.ts";
import { containerNameOf, type Fields, filledPartAt, isFields, partAt, valueAt } from "./fields.ts";
import { hasVersion, putTogether, type WrittenImage } from "./written.ts";

/** Flux v1's name of the image at the top of a chart's values. */
const chartImage = "chart-image";

/**
 * The images of a chart's values, which stand at `base` of the document. At the top and one key below, whatever Flux v1
 * sees is seen. Anywhere else only what cannot be mistaken: an `image` with its version beside it or in it, and keys
 * that end in `image` likewise. The image at the top comes first, the others by their name, which is their path.
 */
export function imagesInValues(document: unknown, base: FieldPath, shape: ImageShape): ImagePlace[] {
  const found: ImagePlace[] = [];
  const add = (names: readonly string[], written: WrittenImage | undefined): boolean => {
    if (written === undefined) return false;
    const container = names.length === 0 ? chartImage : containerNameOf(names.join("."));
    found.push({ container, init: false, shape, ...putTogether(written) });
    return true;
  };
  const visit = (value: unknown, path: FieldPath, names: readonly string[]): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, [...path, index], [...names, nameOfItem(item, index)]);
      return;
    }
    if (!isFields(value)) return;
    const taken = add(names, imageOf(document, value, path, names.length <= 1));
    for (const [key, child] of Object.entries(value)) {
      if (key === "image" && taken) continue;
      const below = [...names, key];
      if (key !== "image" && /image$/i.test(key)) {
        const named = isFields(child)
          ? imageFields(document, child, [...path, key])
          : imageText(document, value, path, key, false);
        if (add(below, named)) continue;
      }
      visit(child, [...path, key], below);
    }
  };
  visit(valueAt(document, base), base, []);
  return found.sort(byName);
}

/** Items of a list are called by their name, as containers are, and otherwise by their place. */
function nameOfItem(item: unknown, index: number): string {
  return isFields(item) && typeof item.name === "string" && item.name !== "" ? item.name : String(index);
}

/** The image that stands in the key `image` of a mapping; a `registry` beside it belongs to it. */
function imageOf(document: unknown, at: Fields, path: FieldPath, lenient: boolean): WrittenImage | undefined {
  if (!isFields(at.image)) return imageText(document, at, path, "image", lenient);
  const written = imageFields(document, at.image, [...path, "image"]);
  return written && { ...written, registry: written.registry ?? filledPartAt(document, [...path, "registry"]) };
}

/** What charts call the repository in a mapping; all but the first count only with a version beside them. */
const repositoryKeys = ["repository", "repo", "name", "image"] as const;

/** `image: {registry, repository, tag, digest}`. */
function imageFields(document: unknown, at: Fields, path: FieldPath): WrittenImage | undefined {
  const part = (key: string) => filledPartAt(document, [...path, key]);
  const tag = partAt(document, [...path, "tag"]);
  const digest = part("digest");
  const versioned = tag !== undefined || digest !== undefined;
  const key = repositoryKeys.find((candidate) => typeof at[candidate] === "string" && at[candidate] !== "");
  const name = key === undefined || !(versioned || key === "repository") ? undefined : part(key);
  if (name === undefined) return undefined;
  return whole({ registry: part("registry"), name, tag, digest }, at);
}

/** A key that holds an image as text, with `registry` and `tag` beside it where they stand in keys of their own. */
function imageText(
  document: unknown,
  at: Fields,
  path: FieldPath,
  key: string,
  lenient: boolean,
): WrittenImage | undefined {
  if (typeof at[key] !== "string" || at[key] === "") return undefined;
  const name = { path: [...path, key], text: at[key] };
  const part = (beside: string) => partAt(document, [...path, beside]);
  const tag = key === "image" ? (part("tag") ?? part("imageTag")) : part(`${key}Tag`);
  const registry = key === "image" ? filledPartAt(document, [...path, "registry"]) : undefined;
  const written = {
    registry,
    name,
    tag,
    digest: key === "image" ? filledPartAt(document, [...path, "digest"]) : undefined,
  };
  const sure = lenient || tag !== undefined || written.digest !== undefined || hasVersion(name.text);
  return sure && parseImage(putTogether(written).image) !== undefined ? written : undefined;
}

/** With what a chart would do to it that an edit of these fields could not follow. */
function whole(written: WrittenImage, at: Fields): WrittenImage {
  const doubt =
    typeof at.sha === "string" && at.sha !== ""
      ? "its digest stands in `sha`, without its algorithm; take it out, or write it into the tag as tag@sha256:..."
      : written.tag === undefined && written.digest === undefined && !hasVersion(written.name.text)
        ? 'no field holds its version; write `tag: ""` or a version beside it'
        : undefined;
  return doubt === undefined ? written : { ...written, name: { ...written.name, doubt } };
}

/** The image at the top of the values first, the others by their name: Flux v1's order. */
export function byName(a: ImagePlace, b: ImagePlace): number {
  const top = Number(b.container === chartImage) - Number(a.container === chartImage);
  return top !== 0 ? top : a.container < b.container ? -1 : a.container > b.container ? 1 : 0;
}
