import type { ContainerImage } from "../model/workload.ts";
import type { FieldPath } from "./locate.ts";

/** How a kind of file or object writes an image. Each has a line in docs/guides/images.md. */
export type ImageShape = "container" | "chart values" | "kustomize images" | "values file" | "marker" | "field";

/**
 * Which part of a reference one scalar holds. With `registry.example.com/shop/cart:1.2@sha256:ab..`:
 * - `reference`: all of it
 * - `name`: `registry.example.com/shop/cart`
 * - `registry`: `registry.example.com`
 * - `repository`: `shop/cart`, where the registry stands in a field of its own
 * - `repository:tag`: `shop/cart:1.2`, likewise
 * - `tag`: `1.2`
 * - `digest`: `sha256:ab..`
 * - `tag@digest`: `1.2@sha256:ab..`
 */
export type PartHolds =
  | "reference"
  | "name"
  | "registry"
  | "repository"
  | "repository:tag"
  | "tag"
  | "digest"
  | "tag@digest";

/** One scalar of an image; `path` leads to it in the object, or in the document of a file that holds none (`contentOf`). */
export interface ImagePart {
  readonly path: FieldPath;
  readonly holds: PartHolds;
}

/** One image of an object: what it is together, and the scalars it is written in. */
export interface ImagePlace extends ContainerImage {
  readonly shape: ImageShape;
  /** Together they hold the whole reference, unless the place is `fixed`. A part that stands empty is a tag left open. */
  readonly parts: readonly ImagePart[];
}
