import { editImages } from "../manifests/edit.ts";
import { parseImage, versionOf } from "../model/image.ts";
import type { CommitInfo, GitMirror } from "../model/ports/git.ts";
import type { Hold, Promotion, Release, ReleaseChange } from "../model/release.ts";
import { type ContainerKey, containerKey } from "../model/workload.ts";
import { commitMessage } from "../planning/message.ts";
import { trailersOf } from "../planning/trailers.ts";
import { readEnvironmentTree } from "../repositories/trees.ts";
import { lastChangedBy } from "./authorship.ts";
import type { Edit } from "./writer.ts";

export interface ReleaseEdit {
  readonly promotion: Promotion;
  readonly release: Release;
  readonly paths: readonly string[];
  readonly holds: readonly Pick<Hold, "environment" | "workload" | "container" | "what" | "reason">[];
  readonly lifts: readonly Pick<Hold, "environment" | "workload" | "container">[];
  readonly sourceCommit: string | undefined;
  /** Told what became of each change on the head tried last. */
  readonly changed: (changes: readonly ReleaseChange[]) => void;
}

/**
 * Makes the edit of a release on any head. What already stands there is left out. Automation and rollbacks change a
 * container only while it still has the version they were planned from; a person's choice replaces what is there.
 */
export function releaseEdit(edit: ReleaseEdit): (mirror: GitMirror, head: string) => Promise<Edit> {
  const strict = edit.promotion.by.kind === "automation" || edit.promotion.reverts !== undefined;
  return async (mirror, head) => {
    const tree = await readEnvironmentTree(mirror, head, edit.paths);
    const outcomes: ReleaseChange[] = [];
    const written: ReleaseChange[] = [];
    const byFile = new Map<string, ReleaseChange[]>();
    for (const change of edit.release.changes) {
      const workload = tree.workloads.get(change.workload);
      const image = workload?.containers.find((slot) => slot.container === change.container)?.image;
      if (workload === undefined || image === undefined)
        outcomes.push(await superseded(mirror, head, edit.paths, change));
      else if (image === change.to) outcomes.push({ ...change, outcome: { kind: "same" } });
      else if (strict && image !== change.from) outcomes.push(await superseded(mirror, head, edit.paths, change));
      else {
        const actual: ReleaseChange = { ...changedFrom(change, image), outcome: { kind: "written" } };
        outcomes.push(actual);
        written.push(actual);
        byFile.set(workload.file, [...(byFile.get(workload.file) ?? []), actual]);
      }
    }
    edit.changed(outcomes);
    if (written.length === 0) return { kind: "nothing", reason: nothingLeft(outcomes) };
    const files = new Map<string, string>();
    for (const [path, changes] of byFile) {
      const blob = tree.files.find((file) => file.path === path)!.blob;
      files.set(
        path,
        editImages(
          path,
          await mirror.read(blob),
          changes.map(({ workload, container, to }) => ({ workload, container, image: to })),
        ),
      );
    }
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
  paths: readonly string[],
  commit: CommitInfo,
): Promise<ReleaseChange[]> {
  const written = new Map(
    trailersOf(commit.body).flatMap(({ key, value }) => {
      const match = key === "Sluice-Image" ? /^(\S+) (\S+) (\S+) -> \S+$/.exec(value) : null;
      return match === null ? [] : [[containerKey({ workload: match[1]!, container: match[2]! }), match[3]!] as const];
    }),
  );
  const tree = await readEnvironmentTree(mirror, commit.commit, paths);
  return Promise.all(
    release.changes.map(async (change): Promise<ReleaseChange> => {
      const from = written.get(containerKey(change));
      if (from !== undefined) return { ...changedFrom(change, from), outcome: { kind: "written" } };
      const slots = tree.workloads.get(change.workload)?.containers;
      return slots?.find((slot) => slot.container === change.container)?.image === change.to
        ? { ...change, outcome: { kind: "same" } }
        : superseded(mirror, commit.commit, paths, change);
    }),
  );
}

/** The change with what really stood in Git before it. */
function changedFrom(change: ReleaseChange, image: string): ReleaseChange {
  const ref = parseImage(image);
  return { ...change, from: image, fromVersion: ref === undefined ? { tag: image } : versionOf(ref) };
}

async function superseded(
  mirror: GitMirror,
  head: string,
  paths: readonly string[],
  change: ReleaseChange,
): Promise<ReleaseChange> {
  return { ...change, outcome: { kind: "superseded", by: await lastChangedBy(mirror, head, paths, change) } };
}

function nothingLeft(changes: readonly ReleaseChange[]): string {
  const other = changes.find((change) => change.outcome.kind === "superseded");
  if (other?.outcome.kind === "superseded")
    return `nothing is left to change: ${other.workload} was taken over by ${other.outcome.by}`;
  return "nothing is left to change: Git already says so";
}
