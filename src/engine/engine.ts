import type { Catalogue } from "../catalogue/catalogue.ts";
import { messageOf } from "../errors.ts";
import type { SluiceEvent } from "../model/event.ts";
import { changesOf } from "../model/plan.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import type { Store } from "../model/ports/store.ts";
import type { EnvironmentReport } from "../model/report.ts";
import { automation, type Source, type Target } from "../model/source.ts";
import { sourcesOf, stagesOf } from "../pipelines/graph.ts";
import type { Selection } from "../planning/plan.ts";
import type { Planner } from "../releasing/planner.ts";
import type { Repositories } from "../repositories/repositories.ts";
import { addImageUses } from "./imageUses.ts";
import { changeWork } from "./policyChanges.ts";
import type { PolicyRunner } from "./policyRunner.ts";
import { type Promotions, releaseWork, rollbackWork, stopWork } from "./promotions.ts";
import type { ReleaseRunner } from "./releases.ts";
import type { StopRunner } from "./stops.ts";
import type { Verifier } from "./verifier.ts";
import { Worker } from "./worker.ts";

export interface EngineOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this server's leases, see `Worker`. */
  readonly owner: string;
  readonly repositories: Repositories;
  readonly catalogue: Catalogue;
  readonly planner: Planner;
  readonly promotions: Promotions;
  readonly releases: ReleaseRunner;
  readonly stops: StopRunner;
  readonly policies: PolicyRunner;
  readonly verifier: Verifier;
  readonly reportOf: (environment: string) => EnvironmentReport | undefined;
}
const stageWork = "stage";
const environmentWork = "environment";
const writtenEnds: ReadonlySet<string> = new Set(
  ["succeeded", "failed", "superseded", "rolled-back"].map((end) => `release.${end}`),
);
/**
 * Whether an event tells of a release's end that lets automation go on with its containers. Ends without a commit do not:
 * Git moved under them, and is looked at again when that is taken up; planning at once could come to the same again.
 */
function freesContainers({ type, commit }: SluiceEvent): boolean {
  return type === "release.aborted" || (commit !== undefined && writtenEnds.has(type));
}

/** Brings work about when something happened, and does it: releases by their steps, stages and environments by policy. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #worker: Worker;
  readonly #looking = new Map<string, Promise<void>>();
  readonly #lookAgain = new Set<string>();
  readonly #quiet = new Set<Promise<void>>();
  /** By environment: the reported commit that Git did not have when it was last fetched for it. */
  readonly #fetchedFor = new Map<string, string>();
  #unsubscribe = () => {};
  #stopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#worker = new Worker({
      store: options.store,
      clock: options.clock,
      log: options.log,
      owner: options.owner,
      handlers: {
        [releaseWork]: (key) => options.releases.run(key),
        [rollbackWork]: (key) => options.promotions.rollbackFailed(key.slice(rollbackWork.length + 1)),
        [stopWork]: (key) => options.stops.run(key.slice(stopWork.length + 1)),
        [changeWork]: (key) => options.policies.run(key),
        [stageWork]: (key) => this.#runStage(key),
        [environmentWork]: (key) => this.#runEnvironment(key),
      },
    });
  }

  async start(): Promise<void> {
    const { repositories, catalogue } = this.#options;
    repositories.onMoved(({ configuration, environments }) => {
      this.#quietly("taking up a change in Git", async () => {
        await this.#wantImages();
        // A release may be to an environment that the configuration does not name any more.
        if (configuration) await this.#wakeAllReleases();
        else await this.#wakeReleases(environments);
        await this.#wakeAutomation();
      });
    });
    catalogue.onChange(() => this.#quietly("taking up new images", () => this.#wakeAutomation()));
    // Automation waits for a release under way; what came meanwhile is taken up when that has ended.
    this.#unsubscribe = this.#options.store.onChange(({ events }) => {
      if (events.some(freesContainers)) this.#quietly("looking for what waited", () => this.#wakeAutomation());
    });
    await this.#wantImages();
    await this.#wakeAllReleases();
    await this.#wakeAutomation();
    await this.#worker.start();
  }
  /** Ends what is being done; afterwards nothing of the engine writes any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    await this.#worker.stop();
    await Promise.all([...this.#looking.values(), ...this.#quiet]);
  }

  /** An agent reported: look what is verified now, and let releases and stages see it. One look at a time per environment. */
  reported(environment: string): void {
    if (this.#stopped) return;
    if (this.#looking.has(environment)) {
      this.#lookAgain.add(environment);
      return;
    }
    const look = this.#look(environment)
      .catch((error: unknown) =>
        this.#options.log.warn("a report was not taken up", { environment, problem: messageOf(error) }),
      )
      .finally(() => {
        this.#looking.delete(environment);
        if (this.#lookAgain.delete(environment)) this.reported(environment);
      });
    this.#looking.set(environment, look);
  }

  async #look(environment: string): Promise<void> {
    const { reportOf, verifier, repositories } = this.#options;
    const report = reportOf(environment);
    if (report !== undefined && repositories.configuration.environments.has(environment)) {
      if (await this.#knows(environment, report.attempted?.commit)) {
        if (await verifier.look(report)) {
          await this.#wakeAutomation();
          // A region of a sequence may wait for what was verified here.
          await this.#wakeAllReleases();
          return;
        }
      }
    }
    await this.#wakeReleases([environment]);
  }

  /** An agent may see a commit before us: then Git is fetched, once for that commit, and the report looked at again. */
  async #knows(environment: string, commit: string | undefined): Promise<boolean> {
    const { repositories } = this.#options;
    if (commit === undefined) return false;
    if (await repositories.has(environment, commit)) return true;
    if (this.#fetchedFor.get(environment) !== commit) {
      this.#fetchedFor.set(environment, commit);
      this.#quietly("fetching what an agent has applied", async () => {
        await repositories.refresh();
        this.reported(environment);
      });
    }
    return false;
  }

  async #wakeAllReleases(): Promise<void> {
    await this.#wake((await this.#options.store.promotions.active()).map(({ id }) => [id, releaseWork]));
  }
  async #wakeReleases(environments: readonly string[]): Promise<void> {
    for (const environment of environments)
      await this.#wake((await this.#options.store.promotions.active(environment)).map(({ id }) => [id, releaseWork]));
  }

  async #wakeAutomation(): Promise<void> {
    if (this.#stopped) return;
    const { configuration } = this.#options.repositories;
    const keys: [string, string][] = [];
    for (const pipeline of configuration.pipelines.values())
      for (const stage of pipeline.stages)
        if (stage.promote === "automatic") keys.push([`stage ${pipeline.name}/${stage.name}`, stageWork]);
    for (const environment of configuration.environments.values())
      if (stagesOf(configuration, environment.name).length === 0)
        keys.push([`environment ${environment.name}`, environmentWork]);
    await this.#wake(keys);
  }

  /** Brings work about at once, in one transaction however much it is. */
  async #wake(keys: readonly (readonly [key: string, kind: string])[]): Promise<void> {
    const { store, clock } = this.#options;
    if (keys.length === 0) return;
    await store.transaction(async ({ work }) => {
      for (const [key, kind] of keys) await work.schedule(key, kind, clock.now());
    });
  }

  /** Tells the catalogue which image repositories workloads use, and which tags of them. */
  async #wantImages(): Promise<void> {
    const { repositories, catalogue, log } = this.#options;
    const uses = new Map<string, Set<string>>();
    for (const environment of repositories.configuration.environments.keys())
      try {
        addImageUses(uses, (await repositories.tree(environment)).workloads.values());
      } catch (error) {
        log.warn("an environment cannot be read", { environment, problem: messageOf(error) });
      }
    catalogue.want(uses);
  }

  async #runStage(key: string): Promise<undefined> {
    const { repositories } = this.#options;
    const [pipelineName, stageName] = key.slice("stage ".length).split("/") as [string, string];
    const pipeline = repositories.configuration.pipelines.get(pipelineName);
    const stage = pipeline?.stages.find((entry) => entry.name === stageName);
    if (pipeline === undefined || stage?.promote !== "automatic") return undefined;
    for (const source of sourcesOf({ pipeline, stage }))
      await this.#promote(source, { kind: "stage", pipeline: pipelineName, stage: stageName }, undefined);
    return undefined;
  }

  async #runEnvironment(key: string): Promise<undefined> {
    const environment = key.slice("environment ".length);
    if (!this.#options.repositories.configuration.environments.has(environment)) return undefined;
    const { workloads } = await this.#options.repositories.tree(environment);
    const selection = [...workloads.values()]
      .filter((workload) => workload.policy.automated)
      .map((workload) => ({ workload: workload.id }));
    if (selection.length > 0)
      await this.#promote({ kind: "registry" }, { kind: "environment", environment }, selection);
    return undefined;
  }

  async #promote(source: Source, target: Target, selection: readonly Selection[] | undefined): Promise<void> {
    const plans = await this.#options.planner.plan({ source, target, selection, automatic: true });
    if (plans.every((plan) => changesOf(plan).length === 0)) return;
    await this.#options.promotions.create({ source, target, by: automation, message: "", plans });
  }

  #quietly(what: string, body: () => Promise<void>): void {
    if (this.#stopped) return;
    const running = body()
      .catch((error: unknown) => this.#options.log.warn(`${what} failed`, { problem: messageOf(error) }))
      .finally(() => this.#quiet.delete(running));
    this.#quiet.add(running);
  }
}
