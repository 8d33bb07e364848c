import { SluiceError } from "../errors.ts";
import type { Environment } from "../model/documents.ts";
import { parseImage, sameVersion, versionOf } from "../model/image.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { GitMirror } from "../model/ports/git.ts";
import type { Store } from "../model/ports/store.ts";
import { commitOf, hasEnded, type Release, type ReleaseChange } from "../model/release.ts";
import type { EnvironmentReport } from "../model/report.ts";
import { containerKey } from "../model/workload.ts";
import { type ChangeFacts, type ReleaseFacts, wasWritten } from "../pipelines/step.ts";
import { lastChangedBy } from "../releasing/authorship.ts";
import { reviewFacts } from "../releasing/review.ts";
import type { Repositories } from "../repositories/repositories.ts";
import { placesOf, unreadableFiles } from "../repositories/trees.ts";

export interface FactSources {
  readonly store: Store;
  readonly clock: Clock;
  readonly repositories: Repositories;
  readonly reportOf: (environment: string) => EnvironmentReport | undefined;
}

/** What Git's head says of one change. */
type GitFacts = Partial<Pick<ChangeFacts, "inGit" | "unreadable">>;

/** Gathers what decides on a release's next step: Git, the agent's report, and the releases beside it. */
export async function factsOf(sources: FactSources, release: Release): Promise<ReleaseFacts> {
  const { store, clock, repositories, reportOf } = sources;
  const environment = repositories.environment(release.environment);
  const mirror = await repositories.mirrorOf(environment);
  const report = reportOf(release.environment);
  const commit = commitOf(release.state);
  const attempted =
    commit !== undefined &&
    report?.attempted !== undefined &&
    (await mirror.isAncestor(commit, report.attempted.commit));
  const live = new Map(report?.workloads.map((entry) => [entry.id, entry]));
  const { state } = release;
  const inReview = "step" in state && state.step === "in review";
  if (commit !== undefined)
    await refuseOldGit(repositories, environment, mirror, commit, inReview ? state.branch : environment.git.branch);
  const inGit = commit === undefined || inReview ? () => ({}) : await gitFacts(sources, release, environment, mirror);
  return {
    now: clock.now(),
    gates: [],
    behind: await behindWhom(sources, release, await store.promotions.releases(release.promotion)),
    review: inReview ? await reviewFacts(mirror, environment, release, state) : undefined,
    attempted,
    changeFacts: (change): ChangeFacts => {
      const workload = live.get(change.workload);
      const container = workload?.containers.find((entry) => entry.container === change.container);
      return {
        inGit: undefined,
        ...inGit(change),
        live:
          workload === undefined || container === undefined
            ? undefined
            : {
                image: container.image,
                running: container.running.map((entry) => entry.image),
                verdict: workload.verdict,
              },
        problem: report?.problems.find((problem) => problem.object === change.workload),
      };
    },
  };
}

/**
 * A server that was killed right after a push may come back to a mirror that does not have it. While Git cannot be
 * fetched, such a mirror says nothing of what became of a commit: throws `git_failed` with the reason.
 */
async function refuseOldGit(
  repositories: Repositories,
  { name, git }: Environment,
  mirror: GitMirror,
  commit: string,
  branch: string,
): Promise<void> {
  const why = repositories.unreachable.get(git.repository);
  if (why === undefined) return;
  const head = await mirror.head(branch);
  if (head !== undefined && (await mirror.isAncestor(commit, head))) return;
  throw new SluiceError("git_failed", `what became of ${commit.slice(0, 7)} in ${name} is not known: ${why}`);
}

/** What Git's head names for each change, who wrote it when that is not this release, or why that cannot be told. */
async function gitFacts(
  { repositories }: FactSources,
  release: Release,
  environment: Environment,
  mirror: GitMirror,
): Promise<(change: ReleaseChange) => GitFacts> {
  const { branch } = environment.git;
  const tree = await repositories.tree(release.environment, await mirror.head(branch));
  const unreadable = unreadableFiles(tree);
  const found = new Map<string, GitFacts>();
  for (const change of release.changes) {
    const workload = tree.workloads.get(change.workload);
    const image = workload?.containers.find((slot) => slot.container === change.container)?.image;
    if (image === change.to) found.set(containerKey(change), { inGit: { image, by: release.id } });
    else if (image !== undefined && wasWritten(change))
      found.set(containerKey(change), {
        inGit: { image, by: await lastChangedBy(mirror, tree.commit, placesOf(environment), change) },
      });
    else if (workload === undefined) found.set(containerKey(change), { unreadable });
  }
  return (change) => found.get(containerKey(change)) ?? {};
}

/** Whether an earlier release of the sequence still has to be verified, or never will be. */
async function behindWhom(
  sources: FactSources,
  release: Release,
  all: readonly Release[],
): Promise<ReleaseFacts["behind"]> {
  for (const other of all) {
    if (other.position >= release.position) continue;
    if (!hasEnded(other.state)) return { release: other.id };
    if (other.state.end === "succeeded") continue;
    if (other.state.end !== "nothing to do")
      return { broken: `${other.environment} ended ${other.state.end}, so ${release.environment} was not started` };
    if (!(await verifiedIn(sources, other.environment, release))) return { release: other.id };
  }
  return undefined;
}

/** An earlier region that had nothing to change may still be rolling the same versions out, or failing at them. */
async function verifiedIn(
  { store, repositories }: FactSources,
  environment: string,
  release: Release,
): Promise<boolean> {
  if (!repositories.configuration.environments.has(environment)) return true;
  const { workloads } = await repositories.tree(environment);
  const verified = new Map(
    (await store.verifications.latest([environment])).map((entry) => [containerKey(entry), entry.image]),
  );
  return release.changes.every((change) => {
    const slots = workloads.get(change.workload)?.containers;
    const image = slots?.find((slot) => slot.container === change.container)?.image;
    const ref = image === undefined ? undefined : parseImage(image);
    if (ref === undefined || !sameVersion(versionOf(ref), change.toVersion)) return true;
    return verified.get(containerKey(change)) === image;
  });
}
