import { SluiceError } from "../errors.ts";
import { type ImageRules, noImageRules } from "../model/documents.ts";
import { readSource } from "./editing/source.ts";
import { changeTogether } from "./editing/together.ts";

/** A new image for one container of one workload: the whole new reference. */
export interface ImageEdit {
  readonly kind?: "image";
  readonly workload: string;
  readonly container: string;
  readonly image: string;
}

/** Annotations to write on a workload and to take away, by their whole keys. Taking away wins. */
export interface AnnotationEdit {
  readonly kind: "annotations";
  readonly workload: string;
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

export type ManifestEdit = ImageEdit | AnnotationEdit;

export interface EditOptions {
  /** Where images stand in the environment's files besides the kinds that are known. */
  readonly rules?: ImageRules;
}

/** What a file becomes by the edits that can be made in it, and why each of the others cannot. */
export interface PossibleEdits<T> {
  readonly text: string;
  /** The refusal of an edit: `invalid_manifest` with file, line and reason. */
  readonly refused: ReadonlyMap<T, SluiceError>;
}

/**
 * Changes the images and annotations of a file and nothing else: the new text differs from the old one in the bytes of
 * the planned values only (with the version labels that follow an image), which is proven by reading it again. `file`
 * is the path in the repository, by which the environment's rules know it. Throws `invalid_manifest` with file, line
 * and reason when an edit cannot be made in place; the text is then untouched.
 */
export function editManifests(
  file: string,
  text: string,
  edits: readonly ManifestEdit[],
  options: EditOptions = {},
): string {
  const possible = editPossible(file, text, edits, options);
  for (const refused of possible.refused.values()) throw refused;
  return possible.text;
}

/** The same for as many of the edits as can be made; one that cannot is left out and told, the others go. */
export function editPossible<T extends ManifestEdit>(
  file: string,
  text: string,
  edits: readonly T[],
  { rules = noImageRules }: EditOptions = {},
): PossibleEdits<T> {
  try {
    return changeTogether(readSource(file, text, rules), edits);
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || thrown.code !== "invalid_manifest") throw thrown;
    return { text, refused: new Map(edits.map((edit) => [edit, thrown])) };
  }
}
