import { SluiceError } from "../errors.ts";
import { isAbandoned } from "../git/process.ts";
import type { Environment } from "../model/documents.ts";
import { authorOf } from "../model/identity.ts";
import type { PolicyChange, PolicyChangeState, PolicyOutcome } from "../model/policy.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Store, StoreGroups } from "../model/ports/store.ts";
import { automation } from "../model/source.ts";
import { deedsOf, type PolicyEffect } from "../planning/policyMessage.ts";
import { type PolicyResult, policyChangeEdit, policyResultOf } from "../releasing/policyEdit.ts";
import { pushPlace } from "../releasing/review.ts";
import type { Writer } from "../releasing/writer.ts";
import type { Repositories } from "../repositories/repositories.ts";
import { placesOf } from "../repositories/trees.ts";
import { deedText, failedUpdateText } from "./policyWords.ts";

export interface PolicyRunnerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly repositories: Repositories;
  readonly writer: Writer;
  /** Wakes an environment's agent for a commit of its branch. */
  readonly sync: (environment: string, commit: string | undefined) => void;
  /** Crash tests stop the process at these points. */
  readonly reached: (point: string) => void;
}
type End = Extract<PolicyChangeState, { end: string }>;

/** Writes policy changes: `queued -> writing -> end`, each step one transaction; killed anywhere, it goes on. */
export class PolicyRunner {
  readonly #options: PolicyRunnerOptions;
  constructor(options: PolicyRunnerOptions) {
    this.#options = options;
  }

  async run(id: string): Promise<undefined> {
    const { store, repositories } = this.#options;
    for (;;) {
      const change = await store.changes.get(id);
      if (change === undefined || "end" in change.state) return undefined;
      const environment = repositories.configuration.environments.get(change.environment);
      if (environment === undefined) {
        const reason = `environment ${change.environment} is not in the configuration any more`;
        await this.#end(change, { end: "failed", reason, outcomes: allFailed(change, reason) }, []);
      } else if (change.state.step === "queued") await this.#begin(change);
      else await this.#write(change, change.state.base, environment);
    }
  }

  async #begin(change: PolicyChange): Promise<void> {
    const { store, repositories, reached } = this.#options;
    try {
      const base = (await repositories.tree(change.environment)).commit;
      reached("before policy writing");
      await store.changes.save({ ...change, state: { step: "writing", base } });
      reached("after policy writing");
    } catch (error) {
      await this.#tellTrouble(change, error);
      throw error;
    }
  }

  async #write(change: PolicyChange, base: string, environment: Environment): Promise<void> {
    const { writer, clock, repositories, sync } = this.#options;
    const place = pushPlace(environment, change.id);
    const places = placesOf(environment);
    let result: PolicyResult = { outcomes: [], effects: [] };
    try {
      const written = await writer.write({
        ...place,
        skipCi: environment.commits.skipCi,
        trailer: { key: "Sluice-Change", value: change.id },
        base,
        author: authorOf(change.by),
        at: clock.now(),
        edit: policyChangeEdit(change, places, (told) => {
          result = told;
        }),
      });
      if (written.kind === "nothing") return await this.#end(change, endWithout(result.outcomes, written.reason), []);
      const mirror = await repositories.mirrorOf(environment);
      if (written.again !== undefined) result = await policyResultOf(change, places, mirror, written.again);
      // Planning goes by what is taken up: once the change has ended, a lock counts.
      if (place.from === undefined) sync(change.environment, await mirror.head(place.branch));
      await repositories.takeUp();
      const { outcomes, effects } = result;
      const reviewed = place.from === undefined ? {} : { branch: place.branch };
      await this.#end(change, { end: "succeeded", commit: written.commit, ...reviewed, outcomes }, effects);
    } catch (error) {
      await this.#tellTrouble(change, error);
      if (!(error instanceof SluiceError) || error.code === "git_failed") throw error;
      await this.#end(change, { end: "failed", reason: error.message, outcomes: allFailed(change, error.message) }, []);
    }
  }

  async #end(change: PolicyChange, state: End, effects: readonly PolicyEffect[]): Promise<void> {
    const { store, clock, reached } = this.#options;
    reached(`before policy ${state.end}`);
    await store.transaction(async (groups) => {
      if (!(await groups.changes.save({ ...change, state, endedAt: clock.now() }))) return;
      await tellEnd(groups, change, state, effects);
    });
    reached(`after policy ${state.end}`);
  }

  /** Git that cannot be written is tried again for as long as it takes; people see why they wait, once for each reason. */
  async #tellTrouble(change: PolicyChange, error: unknown): Promise<void> {
    const { state, environment } = change;
    if (!(error instanceof SluiceError) || error.code !== "git_failed" || !("step" in state)) return;
    if (isAbandoned(error)) return;
    const trouble = error.message;
    if (state.trouble === trouble) return;
    await this.#options.store.transaction(async (groups) => {
      if (!(await groups.changes.save({ ...change, state: { ...state, trouble } }))) return;
      await groups.events.append({
        type: "policy.trouble",
        actor: automation,
        text: `Policies of ${environment} cannot be changed yet and it is tried again: ${trouble}`,
        environment,
        data: { change: change.id },
      });
    });
  }
}

/** How a change ends that wrote nothing: what could not be written is a failure, and told as one. */
function endWithout(outcomes: readonly PolicyOutcome[], reason: string): End {
  return outcomes.some((outcome) => outcome.status === "failed")
    ? { end: "failed", reason, outcomes }
    : { end: "nothing to do", outcomes };
}
function allFailed(change: PolicyChange, text: string): PolicyOutcome[] {
  return change.updates.map(({ workload }) => ({ workload, status: "failed", text }));
}

/** One event for each deed and each failure; a change without any says so itself. */
async function tellEnd(
  groups: StoreGroups,
  change: PolicyChange,
  state: End,
  effects: readonly PolicyEffect[],
): Promise<void> {
  const { environment, by: actor } = change;
  const reviewBranch = state.end === "succeeded" ? state.branch : undefined;
  const about = { environment, data: { change: change.id } };
  for (const effect of effects)
    for (const deed of deedsOf(effect))
      await groups.events.append({
        type: `policy.${deed}`,
        actor,
        text: deedText(deed, effect, change, reviewBranch),
        workload: effect.workload,
        ...(state.end === "succeeded" ? { commit: state.commit } : {}),
        ...about,
      });
  for (const outcome of state.outcomes)
    if (outcome.status === "failed")
      await groups.events.append({
        type: "policy.failed",
        actor,
        text: failedUpdateText(outcome, change),
        workload: outcome.workload,
        ...about,
      });
  if (state.end === "nothing to do")
    await groups.events.append({
      type: "policy.nothing-to-do",
      actor,
      text: `Policies in ${environment} stay as they are: Git says so already`,
      ...about,
    });
}
