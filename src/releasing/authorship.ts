import type { CommitInfo, GitMirror } from "../model/ports/git.ts";
import type { ContainerKey } from "../model/workload.ts";
import { trailer } from "../planning/trailers.ts";
import { type EnvironmentPlaces, readEnvironmentTree, readFileWorkloads } from "../repositories/trees.ts";

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
  const imageAt = async (commit: string | undefined): Promise<string | undefined> => {
    if (commit === undefined) return undefined;
    const workloads =
      file === undefined
        ? (await readEnvironmentTree(mirror, commit, environment)).workloads.values()
        : await readFileWorkloads(mirror, commit, file, environment.images);
    return [...workloads]
      .find((workload) => workload.id === key.workload)
      ?.containers.find((slot) => slot.container === key.container)?.image;
  };
  const paths = file === undefined ? environment.paths : [file];
  // The change that is asked about is nearly always the last one to the file.
  for (const limit of [1, maxCommits]) {
    const options = paths.includes(".") ? { limit } : { limit, paths };
    for (const commit of await mirror.log(undefined, head, options))
      if ((await imageAt(commit.parents[0])) !== (await imageAt(commit.commit))) return nameOf(commit);
  }
  return "an earlier commit";
}

function nameOf(commit: CommitInfo): string {
  return trailer(commit.body, "Sluice-Release") ?? `${commit.author}'s commit ${commit.commit.slice(0, 7)}`;
}
