import { isDeepStrictEqual } from "node:util";
import { messageOf, SluiceError } from "../errors.ts";
import {
  defaultHealthSettings,
  type GitLocation,
  type HealthSettings,
  type ImageRules,
  noImageRules,
} from "../model/documents.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { GitMirror } from "../model/ports/git.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";
import type { Log } from "../model/ports/log.ts";
import type { EnvironmentReport, ObjectProblem } from "../model/report.ts";
import type { Workload } from "../model/workload.ts";
import { trailersOf } from "../planning/trailers.ts";
import { readEnvironmentTree } from "../repositories/trees.ts";
import { Applier } from "./apply.ts";
import { type Desired, type DesiredState, desiredState, scopesOf } from "./desired.ts";
import { exportObjects } from "./export.ts";
import { announced, entriesOf, type Inventory, InventoryKeeper } from "./inventory.ts";
import { Live } from "./live.ts";
import { Drift } from "./mend.ts";
import { Observer } from "./observe.ts";
import { planPrune } from "./prune.ts";
import { followedRules, unappliedReport, unappliedWorkloads } from "./unapplied.ts";

export interface EnvironmentOptions {
  readonly environment: string;
  readonly git: GitLocation;
  readonly mirror: GitMirror;
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between fetches when nobody wishes for one. */
  readonly poll: number;
  readonly report: (report: EnvironmentReport) => void;
}
const reportDelayMs = 60;
const maxRetryMs = 60_000;

/** The loop of one environment: fetch, render, apply, prune, watch, mend drift, report. Needs no server. */
export class EnvironmentLoop {
  readonly #options: EnvironmentOptions;
  readonly #stop = new AbortController();
  readonly #live: Live;
  readonly #applier: Applier;
  readonly #observer: Observer;
  readonly #drift: Drift;
  readonly #keeper: InventoryKeeper;
  #settings: HealthSettings = defaultHealthSettings;
  #images: ImageRules = noImageRules;
  /** The rules that Git was read with last. */
  #readWith: ImageRules = noImageRules;
  /** Workloads of files that this agent does not apply. */
  #unapplied: readonly Workload[] = [];
  #inventory: Inventory | undefined;
  #desired: DesiredState | undefined;
  #attempted: EnvironmentReport["attempted"];
  #applied: EnvironmentReport["applied"];
  #problems: readonly ObjectProblem[] = [];
  #prune: EnvironmentReport["prune"];
  #exporting: Promise<string> | undefined;
  #failures = 0;
  #wake: () => void = () => {};
  #awake = false;
  #reportTimer: NodeJS.Timeout | undefined;
  #lookTimer: NodeJS.Timeout | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.#live = new Live(options.client, options.log, this.#stop.signal, () => this.#lookSoon());
    this.#applier = new Applier(options.client, this.#live);
    this.#observer = new Observer(this.#live);
    this.#drift = new Drift({
      live: this.#live,
      applier: this.#applier,
      clock: options.clock,
      log: options.log,
      changed: () => this.#lookSoon(),
    });
    this.#keeper = new InventoryKeeper(options.client, options.environment);
  }

  start(): void {
    this.#loop = this.#run();
  }
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#reportTimer);
    clearTimeout(this.#lookTimer);
    this.#drift.stop();
    this.#wake();
    await this.#loop;
  }
  /** Fetch and apply now. */
  sync(): void {
    this.#awake = true;
    this.#wake();
  }
  /** Takes what the environment's document says of verdicts and of where images stand. Nothing of it changes what is applied. */
  settle(settings: HealthSettings, images: ImageRules = noImageRules): void {
    this.#settings = settings;
    this.#lookSoon();
    const followed = followedRules(images, this.#options.git.paths);
    if (isDeepStrictEqual(followed, this.#images)) return;
    this.#images = followed;
    this.sync();
  }
  /** Reports everything as it is now. */
  reportNow(): void {
    if (this.#desired !== undefined || this.#problems.length > 0) this.#report();
  }

  /** What runs in the environment's namespaces, as YAML; one look serves everybody who asks meanwhile. */
  export(): Promise<string> {
    this.#exporting ??= this.#export().finally(() => {
      this.#exporting = undefined;
    });
    return this.#exporting;
  }
  async #export(): Promise<string> {
    if (this.#desired === undefined)
      throw new SluiceError("conflict", `the agent has not read the Git of ${this.#options.environment} yet`);
    return exportObjects(this.#options.client, namespacesOf(this.#desired.objects.values()));
  }

  async #run(): Promise<void> {
    const { clock, poll } = this.#options;
    while (!this.#stop.signal.aborted) {
      this.#awake = false;
      const started = clock.now();
      const clean = await this.#pass();
      this.#failures = clean ? 0 : this.#failures + 1;
      const wait = clean ? poll : Math.min(maxRetryMs, poll, 1_000 * 2 ** Math.min(this.#failures, 10));
      if (this.#awake || this.#stop.signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, started + wait - clock.now()));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** One round; true when nothing is left to retry. A newer commit ends retries of an older one: each round takes the head. */
  async #pass(): Promise<boolean> {
    const { mirror, git, log } = this.#options;
    try {
      await mirror.fetch();
      const head = await mirror.head(git.branch);
      if (head === undefined) throw new Error(`the repository has no branch ${git.branch}`);
      this.#inventory ??= await this.#keeper.load();
      if (
        this.#readWith === this.#images &&
        head === this.#attempted?.commit &&
        this.#applied?.commit === head &&
        this.#problems.length === 0 &&
        this.#prune === undefined
      )
        return true;
      return await this.#applyCommit(head);
    } catch (error) {
      log.warn("a round failed and comes again", { problem: messageOf(error) });
      this.#problems = [{ message: messageOf(error) }];
      this.#report();
      return false;
    }
  }

  async #applyCommit(head: string): Promise<boolean> {
    const { mirror, git, client, clock } = this.#options;
    const images = this.#images;
    const tree = await readEnvironmentTree(mirror, head, { paths: git.paths, images });
    this.#readWith = images;
    const desired = desiredState(tree, scopesOf(tree, await client.resources()));
    this.#unapplied = unappliedWorkloads(tree, images);
    await this.#live.watch(kindsOf(desired.objects.values()));
    this.#inventory = announced(this.#inventory ?? { entries: {} }, desired.objects);
    await this.#keeper.save(this.#inventory);
    await this.#drift.pause();
    this.#desired = desired;
    try {
      const result = await this.#applier.apply(desired.objects.values());
      await this.#live.watch(kindsOf(desired.objects.values()));
      const pruned = await this.#pruneAfter(desired, head);
      this.#problems = [...desired.problems, ...result.problems, ...pruned];
      this.#attempted = { commit: head, at: clock.now() };
      const complete = result.problems.length === 0 && pruned.length === 0;
      if (complete) this.#applied = { commit: head, at: clock.now() };
      return complete;
    } finally {
      this.#drift.take(desired.objects);
      this.#report();
    }
  }

  async #pruneAfter(desired: DesiredState, head: string): Promise<ObjectProblem[]> {
    const { environment, clock } = this.#options;
    const before = this.#inventory!;
    const confirmed = await this.#confirmations(before.commit, head);
    const plan = planPrune(before, desired, (hash) => confirmed.has(`${environment} ${hash}`));
    const problems: ObjectProblem[] = [];
    const entries = entriesOf(desired.objects);
    for (const key of plan.keep) entries[key] = before.entries[key]!;
    for (const { key, entry } of plan.remove)
      try {
        const kept = !(await this.#applier.remove(entry));
        if (kept) this.#options.log.info("kept an object that somebody else took over", { object: key });
      } catch (error) {
        entries[key] = entry;
        problems.push({ file: entry.file, object: key, message: `cannot be removed: ${messageOf(error)}` });
      }
    this.#prune =
      plan.confirm === undefined
        ? undefined
        : {
            hash: plan.confirm.hash,
            objects: [...plan.confirm.objects].slice(0, 200),
            of: plan.confirm.of,
            since: this.#prune?.hash === plan.confirm.hash ? this.#prune.since : clock.now(),
          };
    const commit = plan.confirm === undefined && problems.length === 0 ? head : before.commit;
    this.#inventory = { entries, ...(commit === undefined ? {} : { commit }) };
    await this.#keeper.save(this.#inventory);
    return problems;
  }

  /** `<environment> <hash>` of prunes that commits since the last complete one confirm. */
  async #confirmations(from: string | undefined, head: string): Promise<Set<string>> {
    const { mirror } = this.#options;
    const goesOn = from !== undefined && (await mirror.isAncestor(from, head));
    const commits = await mirror.log(goesOn ? from : undefined, head, { limit: 1_000 });
    return new Set(
      commits.flatMap((commit) =>
        trailersOf(commit.body)
          .filter(({ key }) => key === "Sluice-Prune")
          .map(({ value }) => value),
      ),
    );
  }

  #lookSoon(): void {
    this.#drift.lookSoon();
    this.#reportTimer ??= setTimeout(() => {
      this.#reportTimer = undefined;
      if (this.#desired !== undefined) this.#report();
    }, reportDelayMs);
  }

  #look(): ReturnType<Observer["look"]> {
    const result = this.#observer.look(
      this.#desired?.objects.values() ?? [],
      this.#drift.differences,
      { health: this.#settings, images: this.#images },
      this.#options.clock.now(),
    );
    clearTimeout(this.#lookTimer);
    if (result.lookAgainAt !== undefined && !this.#stop.signal.aborted)
      this.#lookTimer = setTimeout(() => this.#report(), Math.max(20, result.lookAgainAt - this.#options.clock.now()));
    return result;
  }

  #report(): void {
    if (this.#stop.signal.aborted) return;
    const { environment, git, clock, report } = this.#options;
    report({
      environment,
      git,
      at: clock.now(),
      ...(this.#attempted === undefined ? {} : { attempted: this.#attempted }),
      ...(this.#applied === undefined ? {} : { applied: this.#applied }),
      objects: this.#desired?.objects.size ?? 0,
      problems: [...this.#problems],
      workloads: [
        ...this.#look().workloads,
        ...this.#unapplied.map((workload) => unappliedReport(workload, this.#attempted?.at ?? clock.now())),
      ],
      ...(this.#prune === undefined ? {} : { prune: this.#prune }),
    });
  }
}

/** The namespaces that Git names: those it makes and those it puts something in. */
function namespacesOf(objects: Iterable<Desired>): Set<string> {
  const names = new Set<string>();
  for (const { object } of objects) {
    const { namespace } = object.metadata;
    if (namespace !== undefined) names.add(namespace);
    if (object.kind === "Namespace" && object.apiVersion === "v1") names.add(object.metadata.name);
  }
  return names;
}

function kindsOf(objects: Iterable<Desired>): { apiVersion: string; kind: string }[] {
  const kinds = new Map<string, { apiVersion: string; kind: string }>();
  for (const { object } of objects)
    kinds.set(`${object.apiVersion} ${object.kind}`, { apiVersion: object.apiVersion, kind: object.kind });
  return [...kinds.values()];
}
