import { type ImageRef, imageName, parseImage } from "../../model/image.ts";
import type { FieldPath } from "../locate.ts";
import type { ImagePart, ImagePlace, PartHolds } from "../place.ts";
import { valueAtPath } from "./fieldChange.ts";

/** What one scalar of an image shall hold; without a value it shall not be there. */
export interface PartValue {
  readonly path: FieldPath;
  readonly value?: string;
}
export type PartValues = readonly PartValue[] | { readonly refusal: string };

/**
 * What each scalar of a place has to hold for the place to mean another reference, split as the old one is. What is
 * right already may be among them, but for a number with the right digits, which stays one. A refusal says what the place has no field for.
 */
export function partValues(place: ImagePlace, content: unknown, ref: ImageRef): PartValues {
  const fields = new Fields(place, content);
  const names = splitName(fields, ref);
  const version = `${ref.tag === undefined ? "" : `:${ref.tag}`}${ref.digest === undefined ? "" : `@${ref.digest}`}`;
  const apart = fields.has("tag") || fields.has("tag@digest") || fields.has("digest");
  const values: PartValue[] = [];
  for (const { path, holds } of place.parts) {
    if (holds === "reference") values.push({ path, value: ref.written });
    else if (holds === "registry") values.push({ path, value: names.registry });
    else if (holds === "name" || holds === "repository" || holds === "repository:tag") {
      const name = (holds === "name" ? ref.writtenName : names.repository) + (apart ? "" : version);
      values.push({ path: fields.nameField(path, name), value: name });
    }
  }
  const versions = apart ? versionValues(fields, ref) : [];
  if ("refusal" in versions) return versions;
  return [...values, ...versions].filter(({ path, value }) => !fields.isNumber(path, value));
}

function versionValues(fields: Fields, ref: ImageRef): PartValues {
  const both = fields.path("tag@digest");
  if (both !== undefined) {
    if (ref.tag === undefined) return noField("tag", "without one", ref);
    return [{ path: both, value: ref.digest === undefined ? ref.tag : `${ref.tag}@${ref.digest}` }];
  }
  const tag = oneOf(fields, "tag", ref.tag, ref);
  if ("refusal" in tag) return tag;
  const digest = oneOf(fields, "digest", ref.digest, ref);
  return "refusal" in digest ? digest : [...tag, ...digest];
}

function oneOf(fields: Fields, holds: "tag" | "digest", value: string | undefined, ref: ImageRef): PartValues {
  const path = fields.path(holds) ?? fields.sibling(holds);
  if (value === undefined) {
    if (path === undefined) return [];
    if (fields.isKustomize) return [{ path }];
    return holds === "digest" ? [{ path, value: "" }] : noField("tag", "without one", ref);
  }
  return path === undefined ? noField(holds, "with one", ref) : [{ path, value }];
}

function noField(holds: "tag" | "digest", which: string, ref: ImageRef): { refusal: string } {
  const reason = which === "with one" ? `has no field for a ${holds}` : `keeps a ${holds} in a field of its own`;
  return {
    refusal: `this image ${reason}, so it cannot become ${ref.written}; name a version ${which === "with one" ? "without" : "with"} a ${holds}, or write the field by hand`,
  };
}

/** Registry and repository as the place splits them: an old registry that fits the new name stays as it is. */
function splitName(fields: Fields, ref: ImageRef): { registry: string; repository: string } {
  const old = fields.text("registry");
  const name = ref.writtenName;
  if (old !== undefined && name.startsWith(`${old}/`)) return { registry: old, repository: name.slice(old.length + 1) };
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(0, slash));
  const hasHost = first.toLowerCase() === ref.host || /[.:]/.test(first) || first !== first.toLowerCase();
  if (hasHost) return { registry: first, repository: name.slice(slash + 1) };
  const fits = old !== undefined && sameName(`${old}/${name}`, ref);
  return { registry: fits ? old : ref.host, repository: name };
}

function sameName(written: string, ref: ImageRef): boolean {
  const other = parseImage(written);
  return other !== undefined && imageName(other) === imageName(ref);
}

/** Whether a place that reads so means a reference, however it is written. */
export function means(written: string, ref: ImageRef): boolean {
  const got = parseImage(written);
  return got !== undefined && imageName(got) === imageName(ref) && got.tag === ref.tag && got.digest === ref.digest;
}

/** The scalars of a place by what they hold, and the keys that may come beside them. */
class Fields {
  readonly isKustomize: boolean;
  readonly #parts: readonly ImagePart[];
  readonly #content: unknown;

  constructor({ shape, parts }: ImagePlace, content: unknown) {
    this.isKustomize = shape === "kustomize images";
    this.#parts = parts;
    this.#content = content;
  }

  has(holds: PartHolds): boolean {
    return this.path(holds) !== undefined;
  }
  path(holds: PartHolds): FieldPath | undefined {
    return this.#parts.find((part) => part.holds === holds)?.path;
  }
  text(holds: PartHolds): string | undefined {
    const path = this.path(holds);
    const value = path && valueAtPath(this.#content, path);
    return typeof value === "string" ? value : undefined;
  }

  isNumber(path: FieldPath, value: string | undefined): boolean {
    const standing = valueAtPath(this.#content, path);
    return typeof standing === "number" && String(standing) === value;
  }

  /** Kustomize finds an entry by `name`, so another name is written beside it, as `newName`. */
  nameField(path: FieldPath, name: string): FieldPath {
    const isKey = this.isKustomize && path.at(-1) === "name" && valueAtPath(this.#content, path) !== name;
    return isKey ? [...path.slice(0, -1), "newName"] : path;
  }

  /** Where a field for what is missing may be put: beside its own kind; for values only into one that stands empty. */
  sibling(holds: "tag" | "digest"): FieldPath | undefined {
    const beside = this.#parts.find((part) => part.holds !== "registry")?.path.slice(0, -1);
    if (beside === undefined) return undefined;
    const path = [...beside, this.isKustomize && holds === "tag" ? "newTag" : holds];
    const standing = valueAtPath(this.#content, path);
    if (this.isKustomize) return path;
    return standing === "" || standing === null ? path : undefined;
  }
}
