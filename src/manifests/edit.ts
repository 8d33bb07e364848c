import { SluiceError } from "../errors.ts";
import type { EditOptions, ManifestEdit, PossibleEdits } from "./editing/edits.ts";
import { readSource } from "./editing/source.ts";
import { changeTogether } from "./editing/together.ts";

export type { AnnotationEdit, EditOptions, ImageEdit, ManifestEdit, PossibleEdits } from "./editing/edits.ts";

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
  options: EditOptions = {},
): PossibleEdits<T> {
  try {
    return changeTogether(readSource(file, text, options), edits);
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || thrown.code !== "invalid_manifest") throw thrown;
    return { text, refused: new Map(edits.map((edit) => [edit, thrown])) };
  }
}
