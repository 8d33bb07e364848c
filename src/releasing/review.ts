import type { CommitSettings, Environment, GitLocation } from "../model/documents.ts";
import type { GitMirror } from "../model/ports/git.ts";
import type { Release, ReleaseChange } from "../model/release.ts";
import { containerKey } from "../model/workload.ts";
import type { ReviewFacts } from "../pipelines/step.ts";
import { trailer } from "../planning/trailers.ts";
import {
  type EnvironmentPlaces,
  type EnvironmentTree,
  placesOf,
  readEnvironmentTree,
  unreadableFiles,
} from "../repositories/trees.ts";
import { lastChangedBy } from "./authorship.ts";

/** Where a commit is pushed, as a write request wants it; `from` is the branch applied where the push is for review. */
export interface PushPlace {
  readonly repository: string;
  readonly branch: string;
  readonly from?: string;
}

/** Where the commit of a release goes: the branch applied, or the one its environment wants commits reviewed on. */
export function pushPlace(
  { git, commits }: { readonly git: GitLocation; readonly commits: CommitSettings },
  release: string,
): PushPlace {
  const { repository, branch } = git;
  const review = commits.branch?.replaceAll("{release}", release);
  if (review === undefined || review === branch) return { repository, branch };
  return { repository, branch: review, from: branch };
}

/** How far back the commit is looked for that brought what was in review. */
const maxCommits = 100;

/** How the commit of a release fares on its review branch, read from what was fetched last. */
export async function reviewFacts(
  mirror: GitMirror,
  environment: Environment,
  release: Release,
  { commit, branch }: { readonly commit: string; readonly branch: string },
): Promise<ReviewFacts> {
  // The review branch is looked at first: one that is gone by then was merged before, if it was.
  const review = await mirror.head(branch);
  const applied = await mirror.head(environment.git.branch);
  if (applied === undefined) return { kind: "open", overtaken: () => undefined };
  if (await mirror.isAncestor(commit, applied)) return { kind: "merged", commit };
  const places = placesOf(environment);
  const written = release.changes.filter(({ outcome }) => outcome.kind === "written");
  const there = await readEnvironmentTree(mirror, applied, places);
  if (namesAll(there, written))
    return { kind: "merged", commit: await firstNaming(mirror, places, commit, applied, written) };
  // While a file of it cannot be read, nobody knows what the branch applied lacks.
  if (review === undefined && unreadableFiles(there) !== undefined) return { kind: "open", overtaken: () => undefined };
  if (review === undefined)
    return { kind: "gone", reason: `${branch} is gone, and ${environment.git.branch} does not have its change` };
  if (!(await stillThere(mirror, release.id, commit, review)))
    return { kind: "gone", reason: `its commit ${commit.slice(0, 7)} was taken off ${branch}` };
  const takers = new Map<string, string>();
  const tree = await readEnvironmentTree(mirror, review, places);
  for (const change of written)
    if (imageIn(tree, change) !== change.to && (tree.workloads.has(change.workload) || !unreadableFiles(tree)))
      takers.set(containerKey(change), await lastChangedBy(mirror, review, places, change));
  return { kind: "open", overtaken: (change) => takers.get(containerKey(change)) };
}

/**
 * Takes a commit off its review branch where it is the newest there: the branch goes back to what was before it, or goes
 * when nothing else is on it. What others stacked on it stays, with it, for them to decide on.
 */
export async function withdrawFromReview(
  mirror: GitMirror,
  { branch, commit, target }: { readonly branch: string; readonly commit: string; readonly target: string },
): Promise<void> {
  if ((await mirror.head(branch)) !== commit) return;
  const [own] = await mirror.log(undefined, commit, { limit: 1 });
  const [before] = own?.parents ?? [];
  const applied = await mirror.head(target);
  if (before === undefined || applied === undefined) return;
  const alone = await mirror.isAncestor(before, applied);
  // A lost race is no loss: somebody else stacked on it.
  await mirror.push(branch, alone ? undefined : before, commit);
}

/** A branch that was rebased has the commit under another id, with its trailer. */
async function stillThere(mirror: GitMirror, release: string, commit: string, review: string): Promise<boolean> {
  if (await mirror.isAncestor(commit, review)) return true;
  const key = "Sluice-Release";
  const others = await mirror.log(commit, review, { containing: [`${key}: ${release}`] });
  return others.some((other) => trailer(other.body, key) === release);
}

/** The oldest commit since the release was written from which on the branch applied names everything: a squash or pick. */
async function firstNaming(
  mirror: GitMirror,
  places: EnvironmentPlaces,
  since: string,
  applied: string,
  written: readonly ReleaseChange[],
): Promise<string> {
  let first = applied;
  for (const { commit } of await mirror.log(since, applied, { limit: maxCommits })) {
    if (!namesAll(await readEnvironmentTree(mirror, commit, places), written)) break;
    first = commit;
  }
  return first;
}

function namesAll(tree: EnvironmentTree, written: readonly ReleaseChange[]): boolean {
  return written.every((change) => imageIn(tree, change) === change.to);
}
function imageIn(tree: EnvironmentTree, change: ReleaseChange): string | undefined {
  return tree.workloads.get(change.workload)?.containers.find((slot) => slot.container === change.container)?.image;
}
