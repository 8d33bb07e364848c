import { type EditOptions, editPossible, type ManifestEdit } from "../manifests/edit.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import type { EnvironmentTree } from "../repositories/trees.ts";

/** What a file becomes by the edits that can be made in it, and why each of the others cannot. */
export interface PossibleEdits<T> {
  readonly text: string;
  /** The refusal of an edit, with file, line and reason. */
  readonly refused: ReadonlyMap<T, string>;
}

/**
 * Makes all edits of a file that can be made in place; only the ones to blame are left out, each with what to tell
 * people. `file` is the path in the repository, by which the environment's rules know it.
 */
export function editWhatCan<T extends ManifestEdit>(
  file: string,
  text: string,
  edits: readonly T[],
  options: EditOptions = {},
): PossibleEdits<T> {
  const { text: result, refused } = editPossible(file, text, edits, options);
  return { text: result, refused: new Map([...refused].map(([edit, error]) => [edit, error.message])) };
}

/** The objects of an environment, whose selectors a file's labels must not leave. */
export function neighboursIn(tree: EnvironmentTree): () => Iterable<KubeObject> {
  return () => tree.files.flatMap(({ result }) => (result.ok ? result.file.objects.map(({ object }) => object) : []));
}
