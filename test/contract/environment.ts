import { join } from "node:path";
import { EnvironmentLoop } from "../../src/agent/environment.ts";
import { createMirrors } from "../../src/git/mirrors.ts";
import { type ImageRules, noImageRules } from "../../src/model/documents.ts";
import { systemClock } from "../../src/model/ports/clock.ts";
import type { GitMirrors } from "../../src/model/ports/git.ts";
import type { KubernetesClient } from "../../src/model/ports/kubernetes.ts";
import { silentLog } from "../../src/model/ports/log.ts";
import type { EnvironmentReport, WorkloadReport } from "../../src/model/report.ts";
import { startGitServer } from "../../src/sandbox/git/server.ts";
import { parseBehaviour } from "../../src/sandbox/kubelet/behaviour.ts";
import { Kubelet } from "../../src/sandbox/kubelet/kubelet.ts";
import { commitFiles, git, makeRepository, temporaryFolder } from "../support/repository.ts";
import { until } from "../support/until.ts";

/** An API server to run scenarios on; whoever makes it says how it ends. */
export interface ScenarioCluster {
  client(): KubernetesClient;
  stop(): Promise<void>;
}
const quickHealth = { settle: 400, failAfter: 1_500, deadline: 15_000 };

/** A cluster with kubelet and Git server, in which every scenario has an environment of its own. */
export class World {
  readonly client: KubernetesClient;
  readonly #mirrors: GitMirrors;
  readonly #folder: string;
  readonly #gitUrl: string;
  readonly #stops: (() => unknown)[];

  private constructor(client: KubernetesClient, folder: string, gitUrl: string, stops: (() => unknown)[]) {
    this.client = client;
    this.#folder = folder;
    this.#gitUrl = gitUrl;
    this.#stops = stops;
    this.#mirrors = createMirrors(join(folder, "mirrors"));
    stops.push(() => this.#mirrors.close());
  }

  static async start(make: (folder: string) => Promise<ScenarioCluster>): Promise<World> {
    const folder = temporaryFolder();
    const stops: (() => unknown)[] = [folder.remove];
    try {
      const cluster = await make(folder.path);
      stops.push(() => cluster.stop());
      const client = cluster.client();
      stops.push(() => client.close());
      const kubelet = new Kubelet({ client, clock: systemClock, log: silentLog, pull });
      await kubelet.start();
      stops.push(() => kubelet.stop());
      const server = await startGitServer({ folder: join(folder.path, "git") });
      stops.push(() => server.close());
      return new World(client, folder.path, server.url, stops);
    } catch (error) {
      for (const stop of stops.reverse()) await stop();
      throw error;
    }
  }

  /** A repository with the files given, a clone of it, and what an agent's loop needs to follow it. */
  repository(name: string, files: Readonly<Record<string, string>>): Repository {
    const bare = join(this.#folder, "git", `${name}.git`);
    makeRepository(bare, files);
    const clone = join(this.#folder, `clone-${name}`);
    git(this.#folder, "clone", "--quiet", bare, clone);
    return new Repository(`${this.#gitUrl}/${name}.git`, clone);
  }

  /** Starts the loop of one environment over a new repository. */
  async environment(name: string, files: Readonly<Record<string, string>>, paths = [name]): Promise<Environment> {
    const repository = this.repository(name, files);
    return this.follow(name, repository, paths);
  }

  async follow(name: string, repository: Repository, paths = [name]): Promise<Environment> {
    const mirror = await this.#mirrors.open(repository.url);
    const environment = new Environment(repository);
    const loop = new EnvironmentLoop({
      environment: name,
      git: { repository: repository.url, branch: "main", paths },
      mirror,
      client: this.client,
      clock: systemClock,
      log: silentLog,
      poll: 60_000,
      report: (report) => environment.take(report),
    });
    loop.settle(quickHealth);
    environment.runs(loop);
    this.#stops.push(() => environment.stop());
    return environment;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop();
  }
}

/** A repository as a person works with it. */
export class Repository {
  readonly url: string;
  readonly #clone: string;
  constructor(url: string, clone: string) {
    this.url = url;
    this.#clone = clone;
  }
  /** Commits and pushes; null removes a file. A message alone makes a commit that changes no file. */
  commit(files: Readonly<Record<string, string | null>>, message = "Change"): string {
    if (Object.keys(files).length > 0) return commitFiles(this.#clone, files, message);
    git(this.#clone, "commit", "--quiet", "--allow-empty", "-m", message);
    git(this.#clone, "push", "--quiet", "origin", "HEAD:main");
    return git(this.#clone, "rev-parse", "HEAD").trim();
  }
}

/** One environment whose reports are kept. */
export class Environment {
  readonly repository: Repository;
  #loop: EnvironmentLoop | undefined;
  #report: EnvironmentReport | undefined;

  constructor(repository: Repository) {
    this.repository = repository;
  }
  runs(loop: EnvironmentLoop): void {
    this.#loop = loop;
    loop.start();
  }
  take(report: EnvironmentReport): void {
    this.#report = report;
  }
  get report(): EnvironmentReport | undefined {
    return this.#report;
  }
  /** What runs there, as the agent sends it when it is asked. */
  async exported(): Promise<string> {
    return this.#loop!.export();
  }
  /** Tells the agent where images stand, as the server does. */
  learns(images: Partial<ImageRules>): void {
    this.#loop?.settle(quickHealth, { ...noImageRules, ...images });
  }
  workload(name: string): WorkloadReport | undefined {
    return this.#report?.workloads.find((workload) => workload.id.endsWith(`/${name}`));
  }
  /** Commits, and waits until the agent tried that commit. */
  async deliver(files: Readonly<Record<string, string | null>>, message?: string): Promise<string> {
    const commit = this.repository.commit(files, message);
    this.#loop?.sync();
    await this.until("the commit being tried", (report) => report.attempted?.commit === commit);
    return commit;
  }
  async until(what: string, holds: (report: EnvironmentReport) => boolean): Promise<EnvironmentReport> {
    return until(
      what,
      () => {
        const report = this.#report;
        return report !== undefined && holds(report) ? report : undefined;
      },
      30_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; last report: ${JSON.stringify(this.#report, null, 1)}`);
    });
  }
  untilVerdict(name: string, state: string): Promise<EnvironmentReport> {
    return this.until(`${name} ${state}`, () => this.workload(name)?.verdict.state === state);
  }
  async stop(): Promise<void> {
    await this.#loop?.stop();
  }
}

/** Every image exists but those tagged `missing`; the tag says how it behaves. */
async function pull(image: string): ReturnType<import("../../src/sandbox/kubelet/behaviour.ts").Puller> {
  const tag = image.slice(image.lastIndexOf(":") + 1);
  if (tag === "missing") return { found: false, message: `manifest for ${image} not found` };
  return {
    found: true,
    digest: `sha256:${"0".repeat(64)}`,
    behaviour: parseBehaviour(tag === "crash" ? "crash" : "ready-after=100ms"),
  };
}
