import { messageOf, SluiceError } from "../errors.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { GitMirror } from "../model/ports/git.ts";
import type { Store } from "../model/ports/store.ts";
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
import { environmentsOf, findStage } from "../pipelines/graph.ts";
import { type ChangeFacts, nextStep, type ReleaseFacts } from "../pipelines/step.ts";
import { isHeld } from "../planning/plan.ts";
import { trailer, trailersOf } from "../planning/trailers.ts";
import { releaseEdit } from "../releasing/edit.ts";
import type { Writer } from "../releasing/writer.ts";
import type { Repositories } from "../repositories/repositories.ts";
import { type Promotions, settle } from "./promotions.ts";

export interface ReleaseRunnerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly repositories: Repositories;
  readonly writer: Writer;
  readonly promotions: Promotions;
  readonly reportOf: (environment: string) => EnvironmentReport | undefined;
  readonly sync: (environment: string) => void;
  /** Crash tests stop the process at these points. */
  readonly reached: (point: string) => void;
}

/** Moves one release step by step until it waits or ends. Every step is one transaction; killed anywhere, it goes on. */
export class ReleaseRunner {
  readonly #options: ReleaseRunnerOptions;
  constructor(options: ReleaseRunnerOptions) {
    this.#options = options;
  }

  async run(id: string): Promise<number | undefined> {
    const { store } = this.#options;
    for (;;) {
      const release = await store.promotions.release(id);
      if (release === undefined || hasEnded(release.state)) return undefined;
      const promotion = (await store.promotions.get(release.promotion))!;
      const decision = nextStep(release, await this.#facts(release, promotion));
      if (decision.do === "wait") return undefined;
      const moved =
        decision.do === "enter"
          ? await this.#enter(promotion, { ...release, changes: decision.changes ?? release.changes }, decision.state)
          : await this.#write(promotion, release);
      if (!moved) continue;
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
    const inGit = commit === undefined ? () => undefined : await this.#inGit(release, commit, mirror);
    return {
      now: clock.now(),
      gates: [],
      behind: behindOf(release, await store.promotions.releases(promotion.id)),
      attempted,
      changeFacts: (change): ChangeFacts => {
        const workload = live.get(change.workload);
        const container = workload?.containers.find((entry) => entry.container === change.container);
        return {
          inGit: inGit(change),
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

  /** What Git's head names for each change, and who wrote it when that is not this release. */
  async #inGit(
    release: Release,
    commit: string,
    mirror: GitMirror,
  ): Promise<(change: ReleaseChange) => ChangeFacts["inGit"]> {
    const tree = await this.#options.repositories.tree(release.environment);
    const later = tree.commit === commit ? [] : await mirror.log(commit, tree.commit, { limit: 500 });
    return (change) => {
      const workload = tree.workloads.get(change.workload);
      const image = workload?.containers.find((slot) => slot.container === change.container)?.image;
      if (image === undefined) return undefined;
      const ours = later.find((entry) => {
        const environment = trailer(entry.body, "Sluice-Environment");
        return (
          environment === release.environment &&
          trailersOf(entry.body).some(
            ({ key, value }) => key === "Sluice-Image" && value.startsWith(`${change.workload} ${change.container} `),
          )
        );
      });
      const by =
        ours === undefined
          ? later[0] === undefined
            ? "another commit"
            : `${later[0].author}'s commit ${later[0].commit.slice(0, 7)}`
          : (trailer(ours.body, "Sluice-Release") ?? "another release");
      return { image, by };
    };
  }

  async #enter(promotion: Promotion, release: Release, state: ReleaseState): Promise<boolean> {
    const { store, clock, reached } = this.#options;
    const now = clock.now();
    const word = stateWord(state);
    reached(`before ${word}`);
    const commit = commitOf(state);
    const timeline =
      release.timeline.at(-1)?.step === word
        ? release.timeline
        : [...release.timeline, { step: word, at: now, ...(commit === undefined ? {} : { commit }) }];
    const saved = await store.transaction(async (groups) => {
      if (!(await groups.promotions.save({ ...release, state, timeline }))) return false;
      await groups.events.append({
        type: `release.${word.replaceAll(" ", "-")}`,
        actor: automation,
        text: `${release.id}: ${word}${"reason" in state ? `, ${state.reason}` : ""}`,
        promotion: promotion.id,
        release: release.id,
        environment: release.environment,
        ...(commit === undefined ? {} : { commit }),
      });
      if (hasEnded(state)) {
        await settle(groups, promotion, now);
        await this.#markReverted(groups.promotions, promotion, release, state, now);
      }
      return true;
    });
    reached(`after ${word}`);
    if (saved && "end" in state && state.end === "failed") await this.#onFailure(promotion, release);
    return saved;
  }

  /** A rollback that is in Git ends what it takes back as `rolled back`. */
  async #markReverted(
    promotions: Store["promotions"],
    promotion: Promotion,
    release: Release,
    state: ReleaseState,
    now: number,
  ): Promise<void> {
    if (promotion.reverts === undefined || !("end" in state) || commitOf(state) === undefined) return;
    const original = await promotions.release(`${promotion.reverts}/${release.environment}`);
    const commit = original && commitOf(original.state);
    if (
      original === undefined ||
      commit === undefined ||
      ("end" in original.state && original.state.end === "rolled back")
    )
      return;
    await promotions.save({
      ...original,
      state: { end: "rolled back", commit, by: promotion.id },
      timeline: [...original.timeline, { step: "rolled back", at: now }],
    });
    const reverted = await promotions.get(promotion.reverts);
    if (reverted !== undefined)
      await promotions.update({ ...reverted, state: "rolled back", endedAt: reverted.endedAt ?? now });
  }

  /** `onFailure: rollback` of the stage takes a failed promotion back by itself. */
  async #onFailure(promotion: Promotion, release: Release): Promise<void> {
    if (promotion.reverts !== undefined || promotion.stage === undefined || promotion.pipeline === undefined) return;
    const placed = findStage(this.#options.repositories.configuration, promotion.pipeline, promotion.stage);
    if (placed?.stage.onFailure !== "rollback" || commitOf(release.state) === undefined) return;
    await this.#options.promotions.rollback(
      promotion.id,
      automation,
      `${release.id} failed and the stage says onFailure: rollback`,
    );
  }

  async #write(promotion: Promotion, release: Release): Promise<boolean> {
    const { repositories, writer, clock, sync } = this.#options;
    const environment = repositories.environment(release.environment);
    const { repository, branch, paths } = environment.git;
    if (!("step" in release.state) || release.state.step !== "writing") {
      const base = (await repositories.tree(release.environment)).commit;
      return this.#enter(promotion, release, { step: "writing", base });
    }
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
          paths,
          ...this.#holdsOf(promotion, release),
          sourceCommit: this.#sourceCommit(promotion),
          changed: (outcomes) => {
            changes = outcomes;
          },
        }),
      });
      if (result.kind === "nothing")
        return await this.#enter(promotion, { ...release, changes }, { end: "nothing to do", reason: result.reason });
      if (result.again) changes = release.changes.map((change) => ({ ...change, outcome: { kind: "written" } }));
      await repositories.takeUp();
      sync(release.environment);
      return await this.#enter(promotion, { ...release, changes }, { step: "pushed", commit: result.commit });
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code === "git_failed") throw error;
      return this.#enter(promotion, release, { end: "failed", reason: messageOf(error), evidence: [] });
    }
  }

  /** A rollback places a hold on what it takes out; a person who promotes a held version lifts its hold. */
  #holdsOf(
    promotion: Promotion,
    release: Release,
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
    const standing = this.#options.repositories.holdsOf(this.#options.repositories.environment(environment));
    const lifts = standing.filter((hold) =>
      release.changes.some(
        (change) =>
          change.workload === hold.workload &&
          change.container === hold.container &&
          (promotion.by.kind === "person" || !isHeld(hold, change.toVersion, undefined)),
      ),
    );
    return { holds: [], lifts };
  }

  #sourceCommit(promotion: Promotion): string | undefined {
    if (promotion.source.kind === "registry") return undefined;
    const [first] = environmentsOf(this.#options.repositories.configuration, promotion.source);
    return first === undefined ? undefined : this.#options.repositories.headOf(first);
  }
}

/** Whether an earlier release of the sequence still has to succeed, or never will. */
function behindOf(release: Release, all: readonly Release[]): ReleaseFacts["behind"] {
  for (const other of all) {
    if (other.position >= release.position) continue;
    if (!hasEnded(other.state)) return { release: other.id };
    if (other.state.end !== "succeeded" && other.state.end !== "nothing to do" && other.state.end !== "superseded")
      return { broken: `${other.environment} ended ${other.state.end}, so ${release.environment} was not started` };
  }
  return undefined;
}
