import { SluiceError } from "../../errors.ts";
import { showDuration } from "../../model/duration.ts";
import { commitOf } from "../../model/release.ts";
import type { ObjectProblem } from "../../model/report.ts";
import type { ApiContext } from "../context.ts";
import { loadSync } from "../views/sync.ts";

/** Releases among which the one is looked for that wrote a commit. */
const recentReleases = 100;
/** An agent that is away for longer will not apply anything soon. */
const awayMs = 20_000;

/**
 * Commits up to `ref` (a commit, abbreviated or not; empty and `HEAD` mean the branch's head) that the agent has not
 * applied, newest first; none when it has. Throws `not_found` for an unknown commit, and what is in the way where
 * waiting leads nowhere: objects that cannot be applied, an agent that is away.
 */
export async function pendingCommits(context: ApiContext, name: string, ref: string): Promise<readonly string[]> {
  const head = ref === "" || ref === "HEAD" ? context.repositories.headOf(name) : undefined;
  if (await isInReview(context, name, ref)) return [ref];
  const sync = await loadSync(context, name, head ?? ref);
  if (sync.pending.length === 0) return [];
  if (sync.tried) {
    const stuck = await problemsOf(context, name, sync.ref, sync.problems);
    if (stuck.length === 0) return [];
    throw notApplied(name, sync.ref, stuck);
  }
  refuseAway(context, name, sync.ref);
  return sync.pending;
}

/** A commit on a branch of its own is applied when somebody has merged it. */
async function isInReview(context: ApiContext, environment: string, commit: string): Promise<boolean> {
  const active = await context.store.promotions.active(environment);
  return active.some(({ state }) => "step" in state && state.step === "in review" && state.commit === commit);
}

/** What keeps a commit from being applied: everything that is wrong, or only what is about the release that wrote it. */
async function problemsOf(
  context: ApiContext,
  environment: string,
  commit: string,
  problems: readonly ObjectProblem[],
): Promise<readonly ObjectProblem[]> {
  const releases = await context.store.promotions.recent(environment, recentReleases);
  const release = releases.find((entry) => commitOf(entry.state) === commit);
  if (release === undefined) return problems;
  const tree = await context.repositories.tree(environment);
  const workloads = new Set(release.changes.map((change) => change.workload));
  const files = new Set([...workloads].map((id) => tree.workloads.get(id)?.file));
  return problems.filter(({ object, file }) =>
    object === undefined ? file === undefined || files.has(file) : workloads.has(object),
  );
}

function notApplied(environment: string, commit: string, problems: readonly ObjectProblem[]): SluiceError {
  const lines = problems.map(({ object, file, line, message }) => {
    const place = [object, file === undefined ? undefined : `${file}${line === undefined ? "" : ` line ${line}`}`];
    return `  ${[...place, message].filter((part) => part !== undefined).join(": ")}`;
  });
  const count = `${problems.length} ${problems.length === 1 ? "object" : "objects"}`;
  return new SluiceError(
    "cluster_failed",
    `${commit.slice(0, 7)} is not wholly applied in ${environment}: ${count} failed.\n\n${lines.join("\n")}`,
    { help: "Everything else is applied. Correct these in Git; the agent tries again by itself." },
  );
}

function refuseAway(context: ApiContext, environment: string, commit: string): void {
  const { connected, lastSeenAt } = context.hub.state(environment);
  if (connected) return;
  const away = lastSeenAt === undefined ? undefined : context.clock.now() - lastSeenAt;
  if (away !== undefined && away < awayMs) return;
  throw new SluiceError(
    "unreachable",
    away === undefined
      ? `No agent of ${environment} has ever reported, so nobody applies ${commit.slice(0, 7)}.`
      : `The agent of ${environment} is away for ${showDuration(away)}, so nobody applies ${commit.slice(0, 7)}.`,
    { help: "The commit is in Git; the agent catches up by itself when it is back." },
  );
}
