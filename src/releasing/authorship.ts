import type { CommitInfo, GitMirror } from "../model/ports/git.ts";
import type { ContainerKey } from "../model/workload.ts";
import { trailer } from "../planning/trailers.ts";
import { type EnvironmentPlaces, readEnvironmentTree } from "../repositories/trees.ts";

const maxCommits = 100;

/**
 * Who gave a container the image it has at `head` (or took it away): the release where it was one of ours, else the
 * author and commit. Looks at commits that touch the container's file only.
 */
export async function lastChangedBy(
  mirror: GitMirror,
  head: string,
  environment: EnvironmentPlaces,
  key: ContainerKey,
): Promise<string> {
  const file = (await readEnvironmentTree(mirror, head, environment)).workloads.get(key.workload)?.file;
  const places = file === undefined ? environment.paths : [file];
  const looked = { ...environment, paths: places };
  const commits = await mirror.log(undefined, head, {
    limit: maxCommits,
    ...(places.includes(".") ? {} : { paths: places }),
  });
  for (const commit of commits) {
    const parent = commit.parents[0];
    const before = parent === undefined ? undefined : await imageAt(mirror, parent, looked, key);
    if (before !== (await imageAt(mirror, commit.commit, looked, key))) return nameOf(commit);
  }
  return "an earlier commit";
}

async function imageAt(
  mirror: GitMirror,
  commit: string,
  environment: EnvironmentPlaces,
  key: ContainerKey,
): Promise<string | undefined> {
  const tree = await readEnvironmentTree(mirror, commit, environment);
  return tree.workloads.get(key.workload)?.containers.find((slot) => slot.container === key.container)?.image;
}

function nameOf(commit: CommitInfo): string {
  return trailer(commit.body, "Sluice-Release") ?? `${commit.author}'s commit ${commit.commit.slice(0, 7)}`;
}
