import { parseImage } from "../../model/image.ts";
import type { FieldPath } from "../locate.ts";
import type { ImagePart, ImagePlace, PartHolds } from "../place.ts";

/** One field of an image as it is written, and where. */
export interface WrittenPart {
  readonly path: FieldPath;
  readonly text: string;
  /** Why its text is not what was meant, for people. */
  readonly doubt?: string;
}
/** The fields an image is written in. Registry and digest that stand empty are left out. */
export interface WrittenImage {
  readonly registry?: WrittenPart | undefined;
  /** Empty where nobody knows it, with the doubt that says so. */
  readonly name: WrittenPart;
  /** Empty where the version is left open. */
  readonly tag?: WrittenPart | undefined;
  readonly digest?: WrittenPart | undefined;
}

/** The reference that fields make together, and which part of it each of them holds. */
export function putTogether(written: WrittenImage): Pick<ImagePlace, "image" | "parts" | "fixed"> {
  const { registry, name, tag, digest } = written;
  const registryText = registry === undefined ? "" : `${registry.text}/`;
  const tagText = tag === undefined || tag.text === "" ? "" : `:${tag.text}`;
  const digestText = digest === undefined ? "" : `@${digest.text}`;
  const fixed = [registry, name, tag, digest].find((part) => part?.doubt !== undefined)?.doubt;
  return {
    image: registryText + name.text + tagText + digestText,
    parts: [
      ...(registry === undefined ? [] : [{ path: registry.path, holds: "registry" as const }]),
      ...(name.text === "" ? [] : [{ path: name.path, holds: nameHolds(written) }]),
      ...(tag === undefined ? [] : [tagPart(tag)]),
      ...(digest === undefined ? [] : [{ path: digest.path, holds: "digest" as const }]),
    ],
    ...(fixed === undefined ? {} : { fixed }),
  };
}

function nameHolds({ registry, name, tag, digest }: WrittenImage): PartHolds {
  if (registry === undefined) return tag === undefined && digest === undefined ? "reference" : "name";
  return tag === undefined && digest === undefined && hasVersion(name.text) ? "repository:tag" : "repository";
}

function tagPart(tag: WrittenPart): ImagePart {
  return { path: tag.path, holds: tag.text.includes("@") ? "tag@digest" : "tag" };
}

/** Whether a text is an image that says its version: nothing else looks like that. */
export function hasVersion(text: string): boolean {
  const ref = parseImage(text);
  return ref?.tag !== undefined || ref?.digest !== undefined;
}
