import { SluiceError } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import { hasEnded, type Promotion, type Release } from "../model/release.ts";
import { hasWritten, wasWritten } from "../pipelines/step.ts";
import type { Repositories } from "../repositories/repositories.ts";
import { unreadableFiles } from "../repositories/trees.ts";

/**
 * What takes a promotion back: for each environment it wrote to, the images it replaced, where they still stand. Throws
 * `conflict`, and says why, when nothing is left to take back.
 */
export async function plansBack(
  promotion: Promotion,
  releases: readonly Release[],
  repositories: Repositories,
): Promise<Plan[]> {
  const { id } = promotion;
  const written = releases.filter(hasWritten);
  if (written.length === 0)
    throw new SluiceError("conflict", `${id} has not changed anything, so there is nothing to roll back`);
  const standing = written.filter((release) => takenBackBy(release) === undefined);
  if (standing.length === 0) {
    const by = [...new Set(written.map(takenBackBy))].join(" and ");
    throw new SluiceError("conflict", `${id} was taken back by ${by} already; nothing is left of it`, {
      help: "To change what runs there now, promote a version or roll back the release that brought it.",
    });
  }
  const plans = await Promise.all(standing.map((release) => planBack(promotion, release, repositories)));
  const left = plans.filter((plan) => plan.items.length > 0);
  if (left.length === 0)
    throw new SluiceError("conflict", `everything ${id} changed has been changed again since; nothing is left of it`);
  return left;
}

function takenBackBy({ state }: Release): string | undefined {
  return hasEnded(state) && state.end === "rolled back" ? state.by : undefined;
}

/** One environment's way back, without what Git names otherwise by now. What cannot be read is kept: its release tells why. */
async function planBack(promotion: Promotion, release: Release, repositories: Repositories): Promise<Plan> {
  const { environment } = release;
  const tree = await repositories.tree(environment).catch(() => undefined);
  const standing = release.changes.filter(wasWritten).filter((change) => {
    const workload = tree?.workloads.get(change.workload);
    if (tree === undefined || (workload === undefined && unreadableFiles(tree) !== undefined)) return true;
    return workload?.containers.some((slot) => slot.container === change.container && slot.image === change.to);
  });
  return {
    environment,
    commit: "",
    source: promotion.source,
    items: standing.map((change) => ({
      workload: change.workload,
      container: change.container,
      status: "change",
      from: change.to,
      to: change.from,
      fromVersion: change.toVersion,
      toVersion: change.fromVersion,
    })),
  };
}
