import { parseImage, versionOf } from "../model/image.ts";
import type { CommitInfo, GitMirror } from "../model/ports/git.ts";
import type { Hold, Promotion, Release, ReleaseChange } from "../model/release.ts";
import { type ContainerKey, containerKey, type Workload } from "../model/workload.ts";
import { lockText } from "../planning/lockText.ts";
import { commitMessage } from "../planning/message.ts";
import { trailer, trailersOf } from "../planning/trailers.ts";
import {
  type EnvironmentPlaces,
  type EnvironmentTree,
  readEnvironmentTree,
  unreadableFiles,
} from "../repositories/trees.ts";
import { lastChangedBy } from "./authorship.ts";
import { editWhatCan, neighboursIn } from "./editable.ts";
import type { Edit } from "./writer.ts";

export interface ReleaseEdit {
  readonly promotion: Promotion;
  readonly release: Release;
  readonly environment: EnvironmentPlaces;
  readonly holds: readonly Pick<Hold, "environment" | "workload" | "container" | "what" | "reason">[];
  readonly lifts: readonly Pick<Hold, "environment" | "workload" | "container">[];
  readonly sourceCommit: string | undefined;
  /** Told what became of each change on the head tried last. */
  readonly changed: (changes: readonly ReleaseChange[]) => void;
}

/**
 * Makes the edit of a release on any head. What already stands there is left out. Automation and rollbacks change a
 * container only while it still has the version they were planned from; a person's choice replaces what is there. A
 * container whose file cannot be read or edited there fails by itself, with file, line and reason; the others go on.
 */
export function releaseEdit(edit: ReleaseEdit): (mirror: GitMirror, head: string) => Promise<Edit> {
  const strict = edit.promotion.by.kind === "automation" || edit.promotion.reverts !== undefined;
  return async (mirror, head) => {
    const tree = await readEnvironmentTree(mirror, head, edit.environment);
    const outcomes = new Map<ReleaseChange, ReleaseChange>();
    const byFile = new Map<string, PlannedEdit[]>();
    for (const change of edit.release.changes) {
      const workload = tree.workloads.get(change.workload);
      const image = imageIn(tree, change);
      if (workload === undefined || image === undefined)
        outcomes.set(change, await missing(mirror, tree, edit.environment, change));
      else if (image === change.to) outcomes.set(change, { ...change, outcome: { kind: "same" } });
      else if (isLockedFor(edit.promotion, change, workload))
        outcomes.set(change, unwritten(change, lockText(workload)));
      else if (strict && image !== change.from)
        outcomes.set(change, await superseded(mirror, head, edit.environment, change));
      else {
        const planned = { change, image: change.to, from: image, ...keyOf(change) };
        byFile.set(workload.file, [...(byFile.get(workload.file) ?? []), planned]);
      }
    }
    const files = new Map<string, string>();
    for (const [path, planned] of byFile) {
      const options = { rules: edit.environment.images, neighbours: neighboursIn(tree) };
      const { text, refused } = editWhatCan(path, await mirror.read(blobOf(tree, path)), planned, options);
      if (refused.size < planned.length) files.set(path, text);
      for (const one of planned) outcomes.set(one.change, outcomeOf(one, refused.get(one)));
    }
    const changes = edit.release.changes.map((change) => outcomes.get(change)!);
    edit.changed(changes);
    const written = changes.filter(({ outcome }) => outcome.kind === "written");
    if (written.length === 0) return { kind: "nothing", reason: nothingLeft(changes) };
    const isWritten = (key: ContainerKey) =>
      written.some((change) => change.workload === key.workload && change.container === key.container);
    const message = commitMessage({
      promotion: edit.promotion,
      release: edit.release,
      changes: written,
      sourceCommit: edit.sourceCommit,
      holds: edit.holds.filter(isWritten),
      lifts: edit.lifts.filter(isWritten),
    });
    return { kind: "commit", files, message };
  };
}

/**
 * What became of each change of a release whose commit was found on the branch: its own trailers say what it wrote and
 * what stood there before. What they do not name, it left alone.
 */
export async function outcomesOf(
  mirror: GitMirror,
  release: Release,
  environment: EnvironmentPlaces,
  commit: CommitInfo,
): Promise<ReleaseChange[]> {
  const written = new Map(
    trailersOf(commit.body).flatMap(({ key, value }) => {
      const match = key === "Sluice-Image" ? /^(\S+) (\S+) (\S+) -> \S+$/.exec(value) : null;
      return match === null ? [] : [[containerKey({ workload: match[1]!, container: match[2]! }), match[3]!] as const];
    }),
  );
  const reverts = trailer(commit.body, "Sluice-Reverts");
  const tree = await readEnvironmentTree(mirror, commit.commit, environment);
  return Promise.all(
    release.changes.map(async (change): Promise<ReleaseChange> => {
      const from = written.get(containerKey(change));
      if (from !== undefined) return { ...changedFrom(change, from), outcome: { kind: "written" } };
      const image = imageIn(tree, change);
      if (image === undefined) return missing(mirror, tree, environment, change);
      if (image === change.to) return { ...change, outcome: { kind: "same" } };
      const workload = tree.workloads.get(change.workload)!;
      if (isLockedFor({ reverts }, change, workload)) return unwritten(change, lockText(workload));
      const { file } = workload;
      const edit = { ...keyOf(change), image: change.to };
      const text = await mirror.read(blobOf(tree, file));
      const options = { rules: environment.images, neighbours: neighboursIn(tree) };
      const refusal = editWhatCan(file, text, [edit], options).refused.get(edit);
      return image === change.from && refusal !== undefined
        ? unwritten(change, refusal)
        : superseded(mirror, commit.commit, environment, change);
    }),
  );
}

/** One change with the image that stands at the head it is tried on. */
interface PlannedEdit extends ContainerKey {
  readonly change: ReleaseChange;
  readonly from: string;
  readonly image: string;
}

function keyOf({ workload, container }: ContainerKey): ContainerKey {
  return { workload, container };
}
function imageIn(tree: EnvironmentTree, key: ContainerKey): string | undefined {
  return tree.workloads.get(key.workload)?.containers.find((slot) => slot.container === key.container)?.image;
}
function blobOf(tree: EnvironmentTree, path: string): string {
  return tree.file(path)!.blob;
}

/** A lock that came after the plan holds too: a release may have waited long for its turn. A rollback is not held up. */
function isLockedFor(
  { reverts }: { readonly reverts?: string | undefined },
  { forced }: ReleaseChange,
  { policy }: Workload,
): boolean {
  return policy.locked !== undefined && reverts === undefined && forced?.includes("locked") !== true;
}

function outcomeOf({ change, from }: PlannedEdit, refusal: string | undefined): ReleaseChange {
  return refusal === undefined
    ? { ...changedFrom(change, from), outcome: { kind: "written" } }
    : unwritten(change, refusal);
}
function unwritten(change: ReleaseChange, reason: string): ReleaseChange {
  return { ...change, outcome: { kind: "failed", reason, unwritten: true } };
}

/** A container that Git does not name: somebody took it out, unless a file that may hold it cannot be read. */
async function missing(
  mirror: GitMirror,
  tree: EnvironmentTree,
  environment: EnvironmentPlaces,
  change: ReleaseChange,
): Promise<ReleaseChange> {
  const unreadable = tree.workloads.has(change.workload) ? undefined : unreadableFiles(tree);
  return unreadable === undefined
    ? superseded(mirror, tree.commit, environment, change)
    : unwritten(change, `${change.workload} cannot be found while a file cannot be read: ${unreadable}`);
}

/** The change with what really stood in Git before it. */
function changedFrom(change: ReleaseChange, image: string): ReleaseChange {
  const ref = parseImage(image);
  return { ...change, from: image, fromVersion: ref === undefined ? { tag: image } : versionOf(ref) };
}

async function superseded(
  mirror: GitMirror,
  head: string,
  environment: EnvironmentPlaces,
  change: ReleaseChange,
): Promise<ReleaseChange> {
  return { ...change, outcome: { kind: "superseded", by: await lastChangedBy(mirror, head, environment, change) } };
}

function nothingLeft(changes: readonly ReleaseChange[]): string {
  const failed = changes.find((change) => change.outcome.kind === "failed");
  if (failed?.outcome.kind === "failed") return failed.outcome.reason;
  const other = changes.find((change) => change.outcome.kind === "superseded");
  if (other?.outcome.kind === "superseded")
    return `nothing is left to change: ${other.workload} was taken over by ${other.outcome.by}`;
  return "nothing is left to change: Git already says so";
}
