import { type ImageRef, imageName, parseImage } from "../model/image.ts";
import type { ContainerImage, Workload, WorkloadId } from "../model/workload.ts";

/** A workload, or one container of it, somebody chose; with a tag when they chose that too. */
export interface Selection {
  readonly workload: WorkloadId;
  readonly container?: string | undefined;
  readonly tag?: string | undefined;
  /** The image that Git must name now, or nothing moves: what was seen when it was chosen. */
  readonly from?: string | undefined;
  /** Where Git names another image by now: leave it out, rather than fail. Told in Flux's words only. */
  readonly skipMismatch?: boolean | undefined;
}

/** What somebody asked to move. */
export interface Choice {
  /** Undefined means all. A container named by itself goes before its workload. */
  readonly selection?: readonly Selection[] | undefined;
  /** Workloads that stay as they are though they are selected. */
  readonly exclude?: readonly WorkloadId[] | undefined;
  /** One image with its tag: moves every selected container that uses it, and no other. */
  readonly image?: ImageRef | undefined;
  /**
   * Breaks the glass: locks and ignores of workloads that are named, and the filter of a tag that is named, do not
   * count. Never for automation.
   */
  readonly force?: boolean | undefined;
}

/** How a container was chosen. */
export interface Chosen extends Selection {
  /** Whether its workload was named, and not only among all. */
  readonly named: boolean;
  /** The version of the image that was asked for, with its digest where that was given. */
  readonly digest?: string | undefined;
}

/** Answers for each container whether and how it was chosen. */
export function chooser(choice: Choice): (workload: Workload, slot: ContainerImage) => Chosen | undefined {
  const { selection, image } = choice;
  const named = selection !== undefined;
  const excluded = new Set(choice.exclude);
  const byWorkload = Map.groupBy(selection ?? [], (entry) => entry.workload);
  return (workload, slot) => {
    if (excluded.has(workload.id)) return undefined;
    const mine = byWorkload.get(workload.id) ?? [];
    const entry = named
      ? (mine.find(({ container }) => container === slot.container) ??
        mine.find(({ container }) => container === undefined))
      : { workload: workload.id };
    if (entry === undefined) return undefined;
    if (image === undefined) return { ...entry, named };
    if (!usesImage(slot, image)) return undefined;
    return { ...entry, named, tag: image.tag ?? "", digest: image.digest };
  };
}

/** Whether a container runs some version of the image. */
export function usesImage(slot: ContainerImage, image: ImageRef): boolean {
  const ref = parseImage(slot.image);
  return ref !== undefined && imageName(ref) === imageName(image);
}

/** Whether two references mean the same, however they spell the registry. */
export function sameReference(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [parseImage(a), parseImage(b)];
  if (left === undefined || right === undefined) return false;
  return (
    imageName(left) === imageName(right) &&
    (left.tag ?? "") === (right.tag ?? "") &&
    (left.digest ?? "") === (right.digest ?? "")
  );
}
