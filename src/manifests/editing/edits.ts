import type { SluiceError } from "../../errors.ts";
import type { ImageRules } from "../../model/documents.ts";
import type { KubeObject } from "../../model/kubernetes.ts";

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
  /** Objects of the environment's other files, whose selectors may look for a label. Asked for only when one would follow. */
  readonly neighbours?: () => Iterable<KubeObject>;
}

/** What a file becomes by the edits that can be made in it, and why each of the others cannot. */
export interface PossibleEdits<T> {
  readonly text: string;
  /** The refusal of an edit: `invalid_manifest` with file, line and reason. */
  readonly refused: ReadonlyMap<T, SluiceError>;
}
