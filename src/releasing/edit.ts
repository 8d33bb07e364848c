import { editImages } from "../manifests/edit.ts";
import type { GitMirror } from "../model/ports/git.ts";
import type { Hold, Promotion, Release, ReleaseChange } from "../model/release.ts";
import { commitMessage } from "../planning/message.ts";
import { readEnvironmentTree } from "../repositories/trees.ts";
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
        outcomes.push({ ...change, outcome: { kind: "superseded", by: "a commit that removed it" } });
      else if (image === change.to) outcomes.push({ ...change, outcome: { kind: "same" } });
      else if (strict && image !== change.from)
        outcomes.push({ ...change, outcome: { kind: "superseded", by: `a newer change to ${image}` } });
      else {
        const actual = { ...change, from: image, outcome: { kind: "written" } as const };
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
    const message = commitMessage({
      promotion: edit.promotion,
      release: edit.release,
      changes: written,
      sourceCommit: edit.sourceCommit,
      holds: edit.holds.filter((hold) =>
        written.some((change) => change.workload === hold.workload && change.container === hold.container),
      ),
      lifts: edit.lifts,
    });
    return { kind: "commit", files, message };
  };
}

function nothingLeft(changes: readonly ReleaseChange[]): string {
  const other = changes.find((change) => change.outcome.kind === "superseded");
  if (other?.outcome.kind === "superseded")
    return `nothing is left to change: ${other.workload} was taken over by ${other.outcome.by}`;
  return "nothing is left to change: Git already says so";
}
