import { SluiceError } from "../errors.ts";
import { editImages, type ImageEdit } from "../manifests/edit.ts";

/** What a file becomes by the edits that can be made in it, and why each of the others cannot. */
export interface PossibleEdits<T> {
  readonly text: string;
  /** The refusal of an edit, with file, line and reason. */
  readonly refused: ReadonlyMap<T, string>;
}

/**
 * Makes all edits of a file that can be made in place. Where they fail together they are tried one by one, each on top
 * of those that went, so that only the ones to blame are left out.
 */
export function editWhatCan<T extends ImageEdit>(file: string, text: string, edits: readonly T[]): PossibleEdits<T> {
  const whole = tryEdit(file, text, edits);
  if (!("refusal" in whole)) return { text: whole.text, refused: new Map() };
  const refused = new Map<T, string>();
  const going: T[] = [];
  let result = text;
  for (const edit of edits) {
    const one = edits.length === 1 ? whole : tryEdit(file, text, [...going, edit]);
    if ("refusal" in one) refused.set(edit, one.refusal);
    else {
      going.push(edit);
      result = one.text;
    }
  }
  return { text: result, refused };
}

function tryEdit(file: string, text: string, edits: readonly ImageEdit[]): { text: string } | { refusal: string } {
  try {
    return { text: editImages(file, text, edits) };
  } catch (error) {
    if (error instanceof SluiceError && error.code === "invalid_manifest") return { refusal: error.message };
    throw error;
  }
}
