import { messageOf, SluiceError } from "../errors.ts";
import { isAbandoned } from "../git/process.ts";
import { withoutCredentials } from "../git/words.ts";
import type { Configuration, Environment } from "../model/documents.ts";
import type { GitMirror, GitMirrors } from "../model/ports/git.ts";
import type { Log } from "../model/ports/log.ts";
import type { Store } from "../model/ports/store.ts";
import type { Hold } from "../model/release.ts";
import { automation } from "../model/source.ts";
import { readMarks } from "../planning/trailers.ts";
import {
  type ConfigurationSource,
  emptyConfiguration,
  filesOf,
  type InForce,
  type KeptConfiguration,
  keptConfiguration,
  readConfiguration,
  restoreConfiguration,
} from "./configuration.ts";
import { type EnvironmentTree, placesOf, readEnvironmentTree } from "./trees.ts";

export interface RepositoriesOptions {
  readonly source: ConfigurationSource;
  readonly mirrors: GitMirrors;
  readonly store: Store;
  readonly log: Log;
  /** Milliseconds between fetches when nobody wakes us. */
  readonly poll: number;
}
export type Moved = { readonly configuration: boolean; readonly environments: readonly string[] };

const documentsKey = "configuration in force";
/** Trailers that are read into holds and confirmed prunes. */
const markKeys = ["Sluice-Holds: ", "Sluice-Lifts: ", "Sluice-Prune: "];

/**
 * Keeps what Git says at hand: the configuration in force, the workloads of every environment at its branch's head,
 * and the holds and confirmed prunes that commits carry. Tells listeners when any of it moved.
 */
export class Repositories {
  readonly #options: RepositoriesOptions;
  readonly #heads = new Map<string, { readonly place: string; readonly head: string }>();
  readonly #marks = new Map<string, { holds: readonly Hold[]; prunes: readonly string[] }>();
  readonly #problems = new Map<string, string>();
  readonly #listeners = new Set<(moved: Moved) => void>();
  #inForce: InForce = { configuration: emptyConfiguration, documents: [] };
  #timer: NodeJS.Timeout | undefined;
  readonly #fetched = new Set<() => Promise<void>>();
  #refreshing: Promise<void> | undefined;
  #taking: Promise<void> = Promise.resolve();
  #again = false;
  #read = false;
  #closed = false;

  constructor(options: RepositoriesOptions) {
    this.#options = options;
  }

  get configuration(): Configuration {
    return this.#inForce.configuration;
  }
  /** Why a repository could not be fetched, by address. */
  get unreachable(): ReadonlyMap<string, string> {
    return this.#problems;
  }
  onMoved(listener: (moved: Moved) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back after every look at the Git hosts, whether anything moved or not: other branches may have. */
  onFetched(listener: () => Promise<void>): () => void {
    this.#fetched.add(listener);
    return () => this.#fetched.delete(listener);
  }

  /** Loads what was in force last time: all there is to go by until Git is read. */
  async restore(): Promise<void> {
    const kept = await this.#options.store.values.get(documentsKey);
    if (kept !== undefined) this.#inForce = restoreConfiguration(JSON.parse(kept) as KeptConfiguration);
  }

  /** Reads Git once and goes on by itself. That takes as long as the slowest repository; `close` ends it. */
  async start(): Promise<void> {
    await this.refresh();
    this.#read = true;
    if (this.#closed) return;
    const tick = () => {
      this.#timer = setTimeout(() => void this.refresh().finally(() => !this.#closed && tick()), this.#options.poll);
    };
    tick();
  }

  /** Gives up what is being fetched, and fetches no more: nothing waits for a Git host when the server ends. */
  abandon(): void {
    this.#closed = true;
    this.#options.mirrors.abandon();
  }
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#refreshing;
    await this.#taking;
  }

  /** Fetches everything and takes up what changed. Calls during a refresh join one more after it. Never throws. */
  refresh(): Promise<void> {
    if (this.#refreshing !== undefined) {
      this.#again = true;
      return this.#refreshing;
    }
    this.#refreshing = (async () => {
      do {
        this.#again = false;
        await this.#refreshOnce();
      } while (this.#again && !this.#closed);
    })().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refreshOnce(): Promise<void> {
    const { source } = this.#options;
    if (source.kind === "git") await this.#fetch(source.repository);
    const changed = await this.#readConfiguration().catch((error: unknown) => {
      this.#options.log.warn("the configuration cannot be read", { problem: messageOf(error) });
      return false;
    });
    const addresses = new Set([...this.configuration.environments.values()].map((entry) => entry.git.repository));
    await Promise.all(
      [...addresses].filter((url) => source.kind !== "git" || url !== source.repository).map((url) => this.#fetch(url)),
    );
    await this.takeUp(changed);
    for (const listener of this.#fetched)
      await listener().catch((error: unknown) =>
        this.#options.log.warn("what was fetched cannot be taken up", { problem: messageOf(error) }),
      );
  }

  async #fetch(url: string): Promise<void> {
    try {
      await (await this.#options.mirrors.open(url)).fetch();
      this.#problems.delete(url);
    } catch (error) {
      if (isAbandoned(error)) return;
      const message = messageOf(error);
      if (this.#problems.get(url) !== message)
        this.#options.log.warn("a repository cannot be fetched", { problem: message });
      this.#problems.set(url, message);
    }
  }

  /** Takes up heads that moved (also by our own pushes) and tells listeners; one after the other. Never throws. */
  takeUp(configurationChanged = false): Promise<void> {
    this.#taking = this.#taking.then(() => this.#takeUpNow(configurationChanged));
    return this.#taking;
  }

  async #takeUpNow(configurationChanged: boolean): Promise<void> {
    const environments: string[] = [];
    for (const environment of this.configuration.environments.values())
      try {
        if (await this.#takeUpEnvironment(environment)) environments.push(environment.name);
      } catch (error) {
        const { name } = environment;
        this.#options.log.warn("a branch that moved cannot be taken up", { name, problem: messageOf(error) });
      }
    for (const name of this.#heads.keys()) if (!this.configuration.environments.has(name)) this.#heads.delete(name);
    if (!configurationChanged && environments.length === 0) return;
    for (const listener of this.#listeners) listener({ configuration: configurationChanged, environments });
  }

  async #takeUpEnvironment(environment: Environment): Promise<boolean> {
    const { repository, branch } = environment.git;
    const head = await (await this.mirrorOf(environment)).head(branch);
    const known = this.#heads.get(environment.name);
    const place = `${repository} ${branch}`;
    if (head === undefined || (known?.head === head && known.place === place)) return false;
    await this.#readMarks(environment, head);
    this.#heads.set(environment.name, { place, head });
    return true;
  }

  async #readConfiguration(): Promise<boolean> {
    const { source, store } = this.#options;
    const mirror = source.kind === "git" ? await this.#options.mirrors.open(source.repository) : undefined;
    const commit = source.kind === "git" ? await mirror!.head(source.branch) : "folder";
    if (commit === undefined || (source.kind === "git" && commit === this.configuration.commit)) return false;
    const before = this.#inForce;
    const place = source.kind === "git" ? source.path : source.folder;
    const next = await readConfiguration(await filesOf(source, mirror, commit), commit, place, before);
    const same =
      JSON.stringify(next.documents) === JSON.stringify(before.documents) &&
      JSON.stringify(next.configuration.problems) === JSON.stringify(before.configuration.problems);
    this.#inForce = next;
    if (same) return false;
    await store.transaction(async (groups) => {
      await groups.values.put(documentsKey, JSON.stringify(keptConfiguration(next)));
      const told = new Set(before.configuration.problems.map((problem) => JSON.stringify(problem)));
      for (const problem of next.configuration.problems) {
        if (told.has(JSON.stringify(problem))) continue;
        const where = problem.line === undefined ? problem.file : `${problem.file} line ${problem.line}`;
        await groups.events.append({
          type: "configuration.problem",
          actor: automation,
          text: `${where}: ${problem.message}`,
          commit,
          data: problem,
        });
      }
      await groups.events.append({
        type: "configuration.changed",
        actor: automation,
        text: "The configuration changed",
        commit,
      });
    });
    return true;
  }

  async #readMarks(environment: Environment, head: string): Promise<void> {
    const { repository, branch } = environment.git;
    const key = `${repository} ${branch}`;
    const mirror = await this.mirrorOf(environment);
    const known = await this.#options.store.holds.get(repository, branch);
    if (known.readTo === head) {
      this.#marks.set(key, known);
      return;
    }
    const goesOn = known.readTo !== undefined && (await mirror.isAncestor(known.readTo, head));
    const commits = await mirror.log(goesOn ? known.readTo : undefined, head, { containing: markKeys });
    const marks = readMarks(goesOn ? known : { holds: [], prunes: [] }, [...commits].reverse());
    await this.#options.store.holds.put(repository, branch, { readTo: head, ...marks });
    this.#marks.set(key, marks);
  }

  /** The environment of a name; throws `not_found`. */
  environment(name: string): Environment {
    const found = this.configuration.environments.get(name);
    if (found === undefined) throw new SluiceError("not_found", `there is no environment "${name}"`);
    return found;
  }
  mirrorOf(environment: Environment): Promise<GitMirror> {
    return this.#options.mirrors.open(environment.git.repository);
  }
  /** The branch head an environment was last read at. */
  headOf(name: string): string | undefined {
    return this.#heads.get(name)?.head;
  }
  /** Whether a commit is the head of an environment's branch or before it, as far as was fetched. */
  async has(name: string, commit: string): Promise<boolean> {
    const environment = this.environment(name);
    const mirror = await this.mirrorOf(environment);
    const head = await mirror.head(environment.git.branch);
    return head !== undefined && (await mirror.isAncestor(commit, head));
  }
  holdsOf(environment: Environment): readonly Hold[] {
    const marks = this.#marks.get(`${environment.git.repository} ${environment.git.branch}`);
    return (marks?.holds ?? []).filter((hold) => hold.environment === environment.name);
  }

  /**
   * What Git says of an environment at the head that was taken up last (the one whose holds are known), or at the commit
   * given. Throws `git_failed` when the branch is not there.
   */
  async tree(name: string, commit?: string): Promise<EnvironmentTree> {
    const environment = this.environment(name);
    const { branch } = environment.git;
    const mirror = await this.mirrorOf(environment);
    const head = await mirror.head(branch);
    const taken = this.#heads.get(name);
    const isTaken = head !== undefined && taken?.place === `${environment.git.repository} ${branch}`;
    const at = commit ?? (isTaken ? taken.head : head);
    if (at === undefined) {
      const why = this.#problems.get(environment.git.repository);
      throw new SluiceError(
        "git_failed",
        why ??
          (this.#read
            ? `${withoutCredentials(environment.git.repository)} has no branch ${branch}, which environment ${name} names`
            : `${withoutCredentials(environment.git.repository)} is being read for the first time`),
      );
    }
    return readEnvironmentTree(mirror, at, placesOf(environment));
  }
}
