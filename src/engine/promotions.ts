import { SluiceError } from "../errors.ts";
import type { CallOrigin } from "../model/event.ts";
import { promotionId, releaseId } from "../model/ids.ts";
import { imageName, parseImage } from "../model/image.ts";
import { changesOf, type Plan } from "../model/plan.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Store, StoreGroups } from "../model/ports/store.ts";
import {
  type Hold,
  hasEnded,
  type Promotion,
  type Release,
  type ReleaseChange,
  type ReleaseState,
} from "../model/release.ts";
import { type Actor, automation, type Source, type Target } from "../model/source.ts";
import { findStage } from "../pipelines/graph.ts";
import { settlePromotion } from "../pipelines/promotion.ts";
import { withdrawn } from "../pipelines/step.ts";
import { keepStopped } from "../releasing/stops.ts";
import type { Repositories } from "../repositories/repositories.ts";
import { plansBack } from "./wayBack.ts";
import { acceptedText, stepText } from "./words.ts";

export interface PromotionsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly repositories: Repositories;
  /** A person takes images of a repository from the registry: its tag list counts as it is, though it may have shrunk. */
  readonly acceptTags: (repository: string, by: Actor) => Promise<void>;
}
export interface NewPromotion {
  readonly source: Source;
  readonly target: Target;
  readonly by: Actor;
  readonly message: string;
  readonly plans: readonly Plan[];
  readonly reverts?: string;
  readonly request?: CallOrigin;
}
/** The work kind of a release; its key is the release's id. */
export const releaseWork = "release";
/** The work kind of the holds of a stopped release; its key is `stop <release>`. */
export const stopWork = "stop";
/** The work kind of a rollback that `onFailure: rollback` asks for; its key is `rollback <promotion>`. */
export const rollbackWork = "rollback";

/** Accepts promotions, rollbacks and aborts: rows, events and work in one transaction. Everything after is the engine's. */
export class Promotions {
  readonly #options: PromotionsOptions;
  constructor(options: PromotionsOptions) {
    this.#options = options;
  }

  /** Accepts a promotion. With nothing to change anywhere it is kept as a record that says so. */
  async create(wanted: NewPromotion): Promise<Promotion> {
    const { clock, store } = this.#options;
    const placed =
      wanted.target.kind === "stage"
        ? findStage(this.#options.repositories.configuration, wanted.target.pipeline, wanted.target.stage)
        : undefined;
    const inSequence = placed?.stage.order === "sequence";
    const id = await this.#freeId();
    const now = clock.now();
    const releases = wanted.plans.map((plan, index): Release => {
      const changes = changesOfPlan(plan);
      const state: ReleaseState =
        changes.length > 0 ? { step: "planned" } : { end: "nothing to do", reason: nothingReason(plan) };
      const word = "step" in state ? state.step : state.end;
      return {
        id: releaseId(id, plan.environment),
        promotion: id,
        environment: plan.environment,
        position: inSequence ? index : 0,
        state,
        changes,
        timeline: [{ step: word, at: now }],
        revision: 0,
      };
    });
    const promotion = settlePromotion(
      {
        id,
        source: wanted.source,
        target: wanted.target,
        ...(placed === undefined ? {} : { pipeline: placed.pipeline.name, stage: placed.stage.name }),
        by: wanted.by,
        message: wanted.message,
        createdAt: now,
        state: "under way",
        ...(wanted.reverts === undefined ? {} : { reverts: wanted.reverts }),
        ...(releases.some(isForced) ? { forced: true } : {}),
      },
      releases,
      now,
    );
    if (isByHand(wanted)) for (const name of namesOf(releases)) await this.#options.acceptTags(name, wanted.by);
    await store.transaction(async (groups) => {
      // Asked for twice at once, the first counts.
      if (wanted.reverts !== undefined) await refuseSecondRollback(groups, wanted.reverts);
      await groups.promotions.insert(promotion, releases);
      await groups.events.append({
        type: "promotion.accepted",
        actor: wanted.by,
        text: acceptedText(promotion, releases),
        promotion: id,
        ...(promotion.pipeline === undefined ? {} : { pipeline: promotion.pipeline }),
        ...(wanted.request === undefined ? {} : { request: wanted.request }),
      });
      for (const release of releases)
        if (!hasEnded(release.state)) await groups.work.schedule(release.id, releaseWork, now);
    });
    return promotion;
  }

  /**
   * Ends what has not been written yet; commits that exist stay. What automation had planned is held back, or it would
   * plan the same again at once. Throws when nothing can be stopped any more.
   */
  async abort(id: string, by: Actor, request?: CallOrigin): Promise<Promotion> {
    const reason = `stopped by ${by.name}`;
    const { store, clock } = this.#options;
    const promotion = await this.get(id);
    return store.transaction(async (groups) => {
      const releases = await groups.promotions.releases(id);
      const open = releases.filter(canStop);
      if (open.length === 0 && releases.some(isWriting)) throw beingWritten(id);
      if (open.length === 0)
        throw new SluiceError(
          "conflict",
          `${id} has nothing left to stop: every release of it is written or has ended`,
          { help: "Roll it back to take its changes out again." },
        );
      for (const release of open) {
        await endRelease(groups, release, stoppedState(release, reason), clock.now(), by, request);
        if (promotion.by.kind === "automation") await this.#holdBack(groups, release, by, `${reason}: ${release.id}`);
      }
      return settle(groups, promotion, clock.now());
    });
  }

  /**
   * Takes a promotion back: one release per environment it wrote to, with the images it replaced, and holds that keep
   * automation from putting them back. What was changed again since stays. Throws `conflict` where nothing is left of it.
   */
  async rollback(id: string, by: Actor, message: string, request?: CallOrigin): Promise<Promotion> {
    const promotion = await this.get(id);
    const { store } = this.#options;
    await refuseSecondRollback(store, id);
    const releases = await store.promotions.releases(id);
    if (releases.some(isWriting)) throw beingWritten(id);
    const plans = await plansBack(promotion, releases, this.#options.repositories);
    if (releases.some(canStop)) await this.abort(id, by, request);
    if (promotion.by.kind === "automation") await this.#holdUnwritten(releases, by, message);
    return this.create({
      source: promotion.source,
      target: promotion.target,
      by,
      message,
      plans,
      reverts: id,
      ...(request === undefined ? {} : { request }),
    });
  }

  /** Regions of a rolled-back promotion that never had their turn: automation would bring the version there next. */
  async #holdUnwritten(releases: readonly Release[], by: Actor, message: string): Promise<void> {
    const aborted = releases.filter(
      ({ state }) => hasEnded(state) && state.end === "aborted" && state.commit === undefined,
    );
    if (aborted.length === 0) return;
    await this.#options.store.transaction(async (groups) => {
      for (const release of aborted)
        await this.#holdBack(groups, release, by, message || `rolled back by ${by.name}: ${release.promotion}`);
    });
  }

  /** Keeps the versions of a release away until somebody promotes them by hand; a newer one still flows. */
  async #holdBack(groups: StoreGroups, release: Release, by: Actor, reason: string): Promise<void> {
    const { repositories, clock } = this.#options;
    const { environment } = release;
    const at = clock.now();
    const holds = release.changes.map(
      ({ workload, container, toVersion }): Hold => ({
        environment,
        workload,
        container,
        what: toVersion,
        reason,
        commit: "",
        at,
        by: by.name,
      }),
    );
    await keepStopped(groups, { release: release.id, base: repositories.headOf(environment) ?? "", holds });
    await groups.work.schedule(`${stopWork} ${release.id}`, stopWork, at);
  }

  /** Takes a failed promotion back because its stage says so; done again after a crash, it changes nothing more. */
  async rollbackFailed(id: string): Promise<undefined> {
    const { store } = this.#options;
    if ((await store.promotions.reverting(id)) !== undefined) return undefined;
    const failed = (await store.promotions.releases(id)).find(
      (release) => hasEnded(release.state) && release.state.end === "failed",
    );
    if (failed === undefined) return undefined;
    await this.rollback(id, automation, `${failed.id} failed and the stage says onFailure: rollback`);
    return undefined;
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<Promotion> {
    const promotion = await this.#options.store.promotions.get(id);
    if (promotion === undefined)
      throw new SluiceError("not_found", `there is no release ${id}`, { help: "`sluice releases` lists them." });
    return promotion;
  }

  async #freeId(): Promise<string> {
    const { clock, store } = this.#options;
    for (let length = 4; ; length++) {
      const id = promotionId(clock.random, length);
      if ((await store.promotions.get(id)) === undefined) return id;
    }
  }
}

/** Whether a release can still be stopped: nobody may be writing its commit, and the branch applied does not have it. */
export function canStop(release: Release): boolean {
  return !hasEnded(release.state) && ["planned", "gated", "queued", "in review"].includes(release.state.step);
}
/** A review would go on without us, and whoever merges it would bring the change: its commit goes, too. */
function stoppedState({ state }: Release, reason: string): Extract<ReleaseState, { end: "aborted" }> {
  if (!("step" in state) || state.step !== "in review") return { end: "aborted", reason };
  const { commit, branch } = state;
  const left = `its commit ${commit.slice(0, 7)} is taken off ${branch}`;
  return { end: "aborted", reason: `${reason}; ${left}`, review: { commit, branch } };
}
/** Throws `conflict` where a promotion is being taken back, or was. */
async function refuseSecondRollback({ promotions }: Pick<StoreGroups, "promotions">, id: string): Promise<void> {
  const earlier = await promotions.reverting(id);
  if (earlier !== undefined && (earlier.endedAt === undefined || earlier.state === "succeeded"))
    throw new SluiceError("conflict", `${id} is rolled back by ${earlier.id} already`);
}
function isWriting(release: Release): boolean {
  return !hasEnded(release.state) && release.state.step === "writing";
}
function beingWritten(id: string): SluiceError {
  return new SluiceError("conflict", `the commit of ${id} is being written at this moment`, {
    help: "Wait until it is written, then roll it back.",
  });
}

/** Ends a release with its event and wakes what waits for it. */
async function endRelease(
  groups: StoreGroups,
  release: Release,
  state: Extract<ReleaseState, { end: string }>,
  now: number,
  by: Actor,
  request: CallOrigin | undefined,
): Promise<void> {
  const saved = await groups.promotions.save({
    ...release,
    state,
    changes: withdrawn(release.changes),
    timeline: [...release.timeline, { step: state.end, at: now }],
  });
  if (!saved) throw new SluiceError("conflict", `${release.id} moved on meanwhile; look again`);
  await groups.events.append({
    type: `release.${state.end}`,
    actor: by,
    text: stepText(release, state),
    promotion: release.promotion,
    release: release.id,
    environment: release.environment,
    ...(request === undefined ? {} : { request }),
  });
  if ("review" in state) await groups.work.schedule(release.id, releaseWork, now);
}

/** Brings the promotion's row up to date with its releases and wakes those that wait for their turn. */
export async function settle(groups: StoreGroups, promotion: Promotion, now: number): Promise<Promotion> {
  const releases = await groups.promotions.releases(promotion.id);
  const settled = settlePromotion(promotion, releases, now);
  if (settled !== promotion) {
    await groups.promotions.update(settled);
    if (settled.endedAt !== undefined && promotion.endedAt === undefined)
      await groups.events.append({
        type: "promotion.ended",
        actor: promotion.by,
        text: `${promotion.id} ended: ${settled.state}`,
        promotion: promotion.id,
      });
  }
  for (const release of releases)
    if (!hasEnded(release.state)) await groups.work.schedule(release.id, releaseWork, now);
  return settled;
}

function isByHand({ by, source, reverts }: NewPromotion): boolean {
  return by.kind === "person" && source.kind === "registry" && reverts === undefined;
}
/** The image repositories that versions are taken from. */
function namesOf(releases: readonly Release[]): ReadonlySet<string> {
  const refs = releases.flatMap(({ changes }) => changes.map((change) => parseImage(change.to)));
  return new Set(refs.filter((ref) => ref !== undefined).map(imageName));
}

function isForced({ changes }: Release): boolean {
  return changes.some(({ forced }) => forced !== undefined);
}

function changesOfPlan(plan: Plan): ReleaseChange[] {
  return changesOf(plan).map((item) => ({
    workload: item.workload,
    container: item.container,
    from: item.from!,
    to: item.to!,
    fromVersion: item.fromVersion!,
    toVersion: item.toVersion!,
    ...(item.forced === undefined ? {} : { forced: item.forced }),
    ...(item.back === undefined ? {} : { back: item.back }),
    outcome: { kind: "pending" },
  }));
}

function nothingReason(plan: Plan): string {
  const reasons = [...new Set(plan.items.map((item) => item.text ?? item.status))];
  return reasons.length === 0 ? "nothing was chosen" : reasons.slice(0, 3).join("; ");
}
