import { LRUCache } from "lru-cache";
import { messageOf, SluiceError } from "../errors.ts";
import type { Environment } from "../model/documents.ts";
import { parseImage, sameVersion, versionOf } from "../model/image.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { GitMirror } from "../model/ports/git.ts";
import type { Store, StoreGroups } from "../model/ports/store.ts";
import {
  commitOf,
  type Hold,
  hasEnded,
  type Promotion,
  type Release,
  type ReleaseChange,
  type ReleaseState,
  stateWord,
} from "../model/release.ts";
import type { EnvironmentReport } from "../model/report.ts";
import { automation } from "../model/source.ts";
import { containerKey } from "../model/workload.ts";
import { environmentsOf, findStage } from "../pipelines/graph.ts";
import { type ChangeFacts, nextStep, type ReleaseFacts, wasWritten } from "../pipelines/step.ts";
import { isHeld } from "../planning/plan.ts";
import { lastChangedBy } from "../releasing/authorship.ts";
import { outcomesOf, releaseEdit } from "../releasing/edit.ts";
import { holdsToWrite } from "../releasing/stops.ts";
import type { Writer } from "../releasing/writer.ts";
import type { Repositories } from "../repositories/repositories.ts";
import { placesOf, unreadableFiles } from "../repositories/trees.ts";
import { rollbackWork, settle } from "./promotions.ts";
import { progressText, stepText } from "./words.ts";

export interface ReleaseRunnerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly repositories: Repositories;
  readonly writer: Writer;
  readonly reportOf: (environment: string) => EnvironmentReport | undefined;
  /** Wakes an environment's agent for a commit of its branch. */
  readonly sync: (environment: string, commit: string | undefined) => void;
  /** Crash tests stop the process at these points. */
  readonly reached: (point: string) => void;
}

/** What Git's head says of one change. */
type GitFacts = Partial<Pick<ChangeFacts, "inGit" | "unreadable">>;

/** Moves one release step by step until it waits or ends. Every step is one transaction; killed anywhere, it goes on. */
export class ReleaseRunner {
  readonly #options: ReleaseRunnerOptions;
  readonly #troubles = new LRUCache<string, string>({ max: 1_000 });
  constructor(options: ReleaseRunnerOptions) {
    this.#options = options;
  }

  async run(id: string): Promise<number | undefined> {
    const { store } = this.#options;
    for (;;) {
      const release = await store.promotions.release(id);
      if (release === undefined || hasEnded(release.state)) return undefined;
      const promotion = (await store.promotions.get(release.promotion))!;
      if (!this.#options.repositories.configuration.environments.has(release.environment)) {
        await this.#enter(promotion, release, withoutEnvironment(release));
        continue;
      }
      const decision = nextStep(release, await this.#facts(release, promotion));
      if (decision.do === "wait") return undefined;
      // Where another was faster with the row, the next turn reads it again and decides anew.
      if (decision.do === "enter")
        await this.#enter(promotion, { ...release, changes: decision.changes ?? release.changes }, decision.state);
      else await this.#write(promotion, release);
    }
  }

  async #facts(release: Release, promotion: Promotion): Promise<ReleaseFacts> {
    const { store, clock, repositories, reportOf } = this.#options;
    const environment = repositories.environment(release.environment);
    const mirror = await repositories.mirrorOf(environment);
    const report = reportOf(release.environment);
    const commit = commitOf(release.state);
    const attempted =
      commit !== undefined &&
      report?.attempted !== undefined &&
      (await mirror.isAncestor(commit, report.attempted.commit));
    const live = new Map(report?.workloads.map((entry) => [entry.id, entry]));
    const inGit = commit === undefined ? () => ({}) : await this.#inGit(release, environment, mirror);
    return {
      now: clock.now(),
      gates: [],
      behind: await this.#behind(release, await store.promotions.releases(promotion.id)),
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

  /** What Git's head names for each change, who wrote it when that is not this release, or why that cannot be told. */
  async #inGit(
    release: Release,
    environment: Environment,
    mirror: GitMirror,
  ): Promise<(change: ReleaseChange) => GitFacts> {
    const { branch } = environment.git;
    const tree = await this.#options.repositories.tree(release.environment, await mirror.head(branch));
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
  async #behind(release: Release, all: readonly Release[]): Promise<ReleaseFacts["behind"]> {
    for (const other of all) {
      if (other.position >= release.position) continue;
      if (!hasEnded(other.state)) return { release: other.id };
      if (other.state.end === "succeeded") continue;
      if (other.state.end !== "nothing to do")
        return { broken: `${other.environment} ended ${other.state.end}, so ${release.environment} was not started` };
      if (!(await this.#verifiedIn(other.environment, release))) return { release: other.id };
    }
    return undefined;
  }

  /** An earlier region that had nothing to change may still be rolling the same versions out, or failing at them. */
  async #verifiedIn(environment: string, release: Release): Promise<boolean> {
    const { store, repositories } = this.#options;
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

  async #enter(promotion: Promotion, release: Release, state: ReleaseState): Promise<void> {
    const { store, clock, reached } = this.#options;
    const now = clock.now();
    const word = stateWord(state);
    const stays = stateWord(release.state) === word;
    reached(`before ${word}`);
    const commit = commitOf(state);
    const timeline = stays
      ? release.timeline
      : [...release.timeline, { step: word, at: now, ...(commit === undefined ? {} : { commit }) }];
    await store.transaction(async (groups) => {
      if (!(await groups.promotions.save({ ...release, state, timeline }))) return;
      await groups.events.append({
        type: stays ? "release.progress" : `release.${word.replaceAll(" ", "-")}`,
        actor: automation,
        text: stays ? progressText(release) : stepText(release, state),
        promotion: promotion.id,
        release: release.id,
        environment: release.environment,
        ...(commit === undefined ? {} : { commit }),
      });
      if (word === "pushed") await this.#markReverted(groups, promotion, release, now);
      if (hasEnded(state)) await settle(groups, promotion, now);
      if (word === "failed" && release.changes.some(hasFailed) && this.#rollsBack(promotion, commit))
        await groups.work.schedule(`${rollbackWork} ${promotion.id}`, rollbackWork, now);
    });
    reached(`after ${word}`);
  }

  /** A rollback that is in Git ends what it takes back as `rolled back`. */
  async #markReverted(groups: StoreGroups, promotion: Promotion, release: Release, now: number): Promise<void> {
    if (promotion.reverts === undefined) return;
    const original = await groups.promotions.release(`${promotion.reverts}/${release.environment}`);
    const commit = original && commitOf(original.state);
    const reverted = await groups.promotions.get(promotion.reverts);
    if (original === undefined || commit === undefined || reverted === undefined) return;
    if (stateWord(original.state) === "rolled back") return;
    const saved = await groups.promotions.save({
      ...original,
      state: { end: "rolled back", commit, by: promotion.id },
      timeline: [...original.timeline, { step: "rolled back", at: now, commit }],
    });
    if (!saved) throw new SluiceError("conflict", `${original.id} moved on meanwhile`);
    await groups.events.append({
      type: "release.rolled-back",
      actor: promotion.by,
      text: `${original.id}: rolled back by ${promotion.id}`,
      promotion: original.promotion,
      release: original.id,
      environment: original.environment,
    });
    await settle(groups, reverted, now);
  }

  /** Whether `onFailure: rollback` of the stage takes a failed promotion back by itself. */
  #rollsBack(promotion: Promotion, commit: string | undefined): boolean {
    const { pipeline, stage, reverts } = promotion;
    if (reverts !== undefined || stage === undefined || pipeline === undefined || commit === undefined) return false;
    const placed = findStage(this.#options.repositories.configuration, pipeline, stage);
    return placed?.stage.onFailure === "rollback";
  }

  async #write(promotion: Promotion, release: Release): Promise<void> {
    const { repositories, writer, clock, sync } = this.#options;
    const environment = repositories.environment(release.environment);
    const { repository, branch } = environment.git;
    const places = placesOf(environment);
    if (!("step" in release.state) || release.state.step !== "writing") {
      const base = (await repositories.tree(release.environment)).commit;
      return this.#enter(promotion, release, { step: "writing", base });
    }
    const mirror = await repositories.mirrorOf(environment);
    const stopped = await holdsToWrite(this.#options.store);
    let changes = release.changes;
    try {
      const result = await writer.write({
        repository,
        branch,
        trailer: { key: "Sluice-Release", value: release.id },
        base: release.state.base,
        author: { name: `${promotion.by.name} (Sluice)`, email: "sluice@sluice.invalid" },
        at: clock.now(),
        edit: releaseEdit({
          promotion,
          release,
          environment: places,
          ...this.#holdsOf(promotion, release, stopped),
          sourceCommit: this.#sourceCommit(promotion),
          changed: (outcomes) => {
            changes = outcomes;
          },
        }),
      });
      if (result.kind === "nothing")
        return await this.#enter(promotion, { ...release, changes }, endWithout(changes, result.reason));
      if (result.again !== undefined) changes = await outcomesOf(mirror, release, places, result.again);
      // The agent fetches while the server takes its own commit up.
      sync(release.environment, await mirror.head(branch));
      await repositories.takeUp();
      return await this.#enter(promotion, { ...release, changes }, { step: "pushed", commit: result.commit });
    } catch (error) {
      if (error instanceof SluiceError && error.code === "git_failed") await this.#tellTrouble(release, error.message);
      if (!(error instanceof SluiceError) || error.code === "git_failed") throw error;
      return this.#enter(promotion, release, { end: "failed", reason: messageOf(error), evidence: [] });
    }
  }

  /** Git that cannot be written is tried again for as long as it takes; people see why they wait, once for each reason. */
  async #tellTrouble(release: Release, problem: string): Promise<void> {
    if (this.#troubles.get(release.id) === problem) return;
    this.#troubles.set(release.id, problem);
    await this.#options.store.events.append({
      type: "release.trouble",
      actor: automation,
      text: `${release.id} cannot be written yet and is tried again: ${problem}`,
      promotion: release.promotion,
      release: release.id,
      environment: release.environment,
    });
  }

  /** A rollback places a hold on what it takes out; a person who promotes a held version lifts its hold. */
  #holdsOf(
    promotion: Promotion,
    release: Release,
    stopped: readonly Hold[],
  ): { holds: Pick<Hold, "environment" | "workload" | "container" | "what" | "reason">[]; lifts: Hold[] } {
    const { environment } = release;
    if (promotion.reverts !== undefined)
      return {
        holds: release.changes.map(({ workload, container, fromVersion }) => ({
          environment,
          workload,
          container,
          what: fromVersion,
          reason: promotion.message || `rolled back by ${promotion.by.name}`,
        })),
        lifts: [],
      };
    const { repositories } = this.#options;
    const standing = [
      ...stopped.filter((hold) => hold.environment === environment),
      ...repositories.holdsOf(repositories.environment(environment)),
    ];
    const lifts = standing.filter((hold) =>
      release.changes.some(
        (change) =>
          change.workload === hold.workload &&
          change.container === hold.container &&
          (promotion.by.kind === "person" || !isHeld(hold, change.toVersion, undefined)),
      ),
    );
    // A hold may stand in Git and still be on the list of those to write: it is lifted once.
    return { holds: [], lifts: [...new Map(lifts.map((hold) => [containerKey(hold), hold])).values()] };
  }

  #sourceCommit(promotion: Promotion): string | undefined {
    if (promotion.source.kind === "registry") return undefined;
    const [first] = environmentsOf(this.#options.repositories.configuration, promotion.source);
    return first === undefined ? undefined : this.#options.repositories.headOf(first);
  }
}

/** How a release ends that wrote nothing: something that could not be written is a failure, and told as one. */
function endWithout(changes: readonly ReleaseChange[], reason: string): ReleaseState {
  const failed = changes.some(({ outcome }) => outcome.kind === "failed");
  return failed ? { end: "failed", reason, evidence: [] } : { end: "nothing to do", reason };
}

/** How a release ends whose environment was taken out of the configuration. */
function withoutEnvironment(release: Release): ReleaseState {
  const commit = commitOf(release.state);
  const reason = `environment ${release.environment} is not in the configuration any more`;
  return { end: "aborted", ...(commit === undefined ? {} : { commit }), reason };
}

/** Whether what was written failed; what could not even be written changed nothing that could be taken back. */
function hasFailed(change: ReleaseChange): boolean {
  return change.outcome.kind === "failed" && wasWritten(change);
}
