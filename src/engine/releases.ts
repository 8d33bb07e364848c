import { LRUCache } from "lru-cache";
import { messageOf, SluiceError } from "../errors.ts";
import { isAbandoned } from "../git/process.ts";
import { authorOf } from "../model/identity.ts";
import type { StoreGroups } from "../model/ports/store.ts";
import {
  commitOf,
  hasEnded,
  type Promotion,
  type Release,
  type ReleaseChange,
  type ReleaseState,
  stateWord,
  writtenCommit,
} from "../model/release.ts";
import { automation } from "../model/source.ts";
import { environmentsOf, findStage } from "../pipelines/graph.ts";
import { nextStep, wasWritten } from "../pipelines/step.ts";
import { outcomesOf, releaseEdit } from "../releasing/edit.ts";
import { pushPlace, withdrawFromReview } from "../releasing/review.ts";
import { holdsToWrite } from "../releasing/stops.ts";
import type { Writer } from "../releasing/writer.ts";
import { placesOf } from "../repositories/trees.ts";
import { holdMarks, holdTurnedDown, keepReviewedHolds } from "./holds.ts";
import { releaseWork, rollbackWork, settle } from "./promotions.ts";
import { type FactSources, factsOf } from "./releaseFacts.ts";
import { progressText, stepText } from "./words.ts";

export interface ReleaseRunnerOptions extends FactSources {
  readonly writer: Writer;
  /** Wakes an environment's agent for a commit of its branch. */
  readonly sync: (environment: string, commit: string | undefined) => void;
  /** Crash tests stop the process at these points. */
  readonly reached: (point: string) => void;
}

/** Moves one release step by step until it waits or ends. Every step is one transaction; killed anywhere, it goes on. */
export class ReleaseRunner {
  readonly #options: ReleaseRunnerOptions;
  readonly #troubles = new LRUCache<string, string>({ max: 1_000 });
  constructor(options: ReleaseRunnerOptions) {
    this.#options = options;
    options.repositories.onFetched(() => this.#wakeReviewed());
  }

  /** A review branch that comes or goes moves no environment, so that every look at Git is one at the reviews. */
  async #wakeReviewed(): Promise<void> {
    const { store, clock } = this.#options;
    for (const release of await store.promotions.active())
      if (stateWord(release.state) === "in review") await store.work.schedule(release.id, releaseWork, clock.now());
  }

  async run(id: string): Promise<undefined> {
    const { store } = this.#options;
    for (;;) {
      const release = await store.promotions.release(id);
      if (release === undefined) return undefined;
      if (hasEnded(release.state)) return this.#withdraw(release);
      const promotion = (await store.promotions.get(release.promotion))!;
      if (!this.#options.repositories.configuration.environments.has(release.environment)) {
        await this.#enter(promotion, release, withoutEnvironment(release));
        continue;
      }
      const decision = nextStep(release, await factsOf(this.#options, release));
      if (decision.do === "wait") return undefined;
      // Where another was faster with the row, the next turn reads it again and decides anew.
      if (decision.do === "enter")
        await this.#enter(promotion, { ...release, changes: decision.changes ?? release.changes }, decision.state);
      else await this.#write(promotion, release);
    }
  }

  /** Takes the commit of a release that was stopped in review off its branch. */
  async #withdraw(release: Release): Promise<undefined> {
    const { environment, state } = release;
    if (!("review" in state) || state.review === undefined) return undefined;
    const { repositories } = this.#options;
    if (!repositories.configuration.environments.has(environment)) return undefined;
    const { git } = repositories.environment(environment);
    const mirror = await repositories.mirrorOf(repositories.environment(environment));
    try {
      await withdrawFromReview(mirror, { ...state.review, target: git.branch });
    } catch (error) {
      if (error instanceof SluiceError && error.code === "git_failed")
        await this.#tellTrouble(release, `cannot be taken off ${state.review.branch}`, error);
      throw error;
    }
    return undefined;
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
      if (word === "aborted" && stateWord(release.state) === "in review")
        await holdTurnedDown(groups, promotion, release, now);
      if (word === "pushed") {
        await this.#markReverted(groups, promotion, release, now);
        if (stateWord(release.state) === "in review") await keepReviewedHolds(groups, promotion, release, state, now);
      }
      // A promotion waits for people while one of its releases is in review.
      if (hasEnded(state) || (!stays && [word, stateWord(release.state)].includes("in review")))
        await settle(groups, promotion, now);
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
    const place = pushPlace(environment, release.id);
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
        ...place,
        skipCi: environment.commits.skipCi,
        trailer: { key: "Sluice-Release", value: release.id },
        base: release.state.base,
        author: authorOf(promotion.by),
        at: clock.now(),
        edit: releaseEdit({
          promotion,
          release,
          environment: places,
          ...holdMarks(repositories, promotion, release, stopped),
          sourceCommit: this.#sourceCommit(promotion),
          changed: (outcomes) => {
            changes = outcomes;
          },
        }),
      });
      if (result.kind === "nothing")
        return await this.#enter(
          promotion,
          { ...release, changes },
          endWithout(changes, place.from === undefined ? result.reason : `${result.reason}, on ${place.branch}`),
        );
      if (result.again !== undefined) changes = await outcomesOf(mirror, release, places, result.again);
      if (place.from !== undefined) {
        const state = { step: "in review", commit: result.commit, branch: place.branch } as const;
        return await this.#enter(promotion, { ...release, changes }, state);
      }
      // The agent fetches while the server takes its own commit up.
      sync(release.environment, await mirror.head(place.branch));
      await repositories.takeUp();
      return await this.#enter(promotion, { ...release, changes }, { step: "pushed", commit: result.commit });
    } catch (error) {
      if (error instanceof SluiceError && error.code === "git_failed")
        await this.#tellTrouble(release, "cannot be written", error);
      if (!(error instanceof SluiceError) || error.code === "git_failed") throw error;
      return this.#enter(promotion, release, { end: "failed", reason: messageOf(error), evidence: [] });
    }
  }

  /** Git that cannot be written is tried again for as long as it takes; people see why they wait, once for each reason. */
  async #tellTrouble(release: Release, what: string, error: SluiceError): Promise<void> {
    const { message: problem, help } = error;
    if (isAbandoned(error)) return;
    if (this.#troubles.get(release.id) === problem) return;
    this.#troubles.set(release.id, problem);
    await this.#options.store.events.append({
      type: "release.trouble",
      actor: automation,
      text: `${release.id} ${what} yet and is tried again: ${problem}. ${help}`,
      promotion: release.promotion,
      release: release.id,
      environment: release.environment,
    });
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
  const commit = writtenCommit(release.state);
  const reason = `environment ${release.environment} is not in the configuration any more`;
  return { end: "aborted", ...(commit === undefined ? {} : { commit }), reason };
}

/** Whether what was written failed; what could not even be written changed nothing that could be taken back. */
function hasFailed(change: ReleaseChange): boolean {
  return change.outcome.kind === "failed" && wasWritten(change);
}
