import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../../errors.ts";
import { mustGit } from "../../git/process.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { Log } from "../../model/ports/log.ts";
import { fileAt, headOf, repositoriesIn } from "../git/repository.ts";
import { type Build, pushBuild } from "./build.ts";
import { nextTag } from "./version.ts";

/** File of a service's repository that makes CI build it, and says how versions are numbered. */
export const versionFile = "VERSION";
/** File of a service's repository that decides how its image behaves: what a bug in real code would do. */
export const behaviourFile = "BEHAVIOUR";

export interface CiOptions {
  /** Folder of the bare repositories. */
  readonly gitFolder: string;
  /** Address of the Git server, for the images' labels. */
  readonly gitUrl: string;
  /** Address of the registry. */
  readonly registry: string;
  /** Tags the registry has of an image. */
  readonly tags: (repository: string) => readonly string[];
  /** Remembers what was built. */
  readonly stateFile: string;
  readonly clock: Clock;
  readonly log: Log;
}
const maxCommitsAtOnce = 20;

/** The trial's CI: every commit on main of a repository with a VERSION file becomes an image. */
export class Ci {
  readonly #options: CiOptions;
  readonly #queues = new Map<string, Promise<readonly Build[]>>();
  #built: Record<string, string> = {};
  #saving: Promise<void> = Promise.resolve();

  constructor(options: CiOptions) {
    this.#options = options;
  }

  /** Reads what was built before and builds what was pushed while nobody looked. */
  async start(): Promise<void> {
    const text = await readFile(this.#options.stateFile, "utf8").catch(() => "{}");
    this.#built = JSON.parse(text) as Record<string, string>;
    await Promise.all((await repositoriesIn(this.#options.gitFolder)).map((repository) => this.pushed(repository)));
  }

  /** Builds the new commits of a repository, one push after the other. Never throws; answers what was built. */
  pushed(repository: string): Promise<readonly Build[]> {
    const path = repository.replace(/\.git$/, "");
    const before = this.#queues.get(path) ?? Promise.resolve([]);
    const next = before.then(() =>
      this.#buildNew(path).catch((error: unknown) => {
        this.#options.log.warn("a build failed", { repository: path, problem: messageOf(error) });
        return [];
      }),
    );
    this.#queues.set(path, next);
    return next;
  }

  /** Resolves when no build runs. */
  async idle(): Promise<void> {
    await Promise.all(this.#queues.values());
  }

  async #buildNew(repository: string): Promise<readonly Build[]> {
    const bare = join(this.#options.gitFolder, `${repository}.git`);
    const head = await headOf(bare);
    if (head === undefined || head === this.#built[repository]) return [];
    const builds: Build[] = [];
    for (const commit of await this.#commitsAfter(bare, this.#built[repository], head)) {
      const version = await fileAt(bare, commit, versionFile);
      if (version !== undefined) builds.push(await this.#build(repository, bare, commit, version));
    }
    await this.remember({ [repository]: head });
    return builds;
  }

  /** Commits to build, oldest first: all new ones, or the head alone when the one built last is gone. */
  async #commitsAfter(bare: string, last: string | undefined, head: string): Promise<string[]> {
    if (last === undefined) return [head];
    const list = mustGit(bare, ["rev-list", `--max-count=${maxCommitsAtOnce}`, `${last}..${head}`], "reading commits");
    const ids = (await list.catch(() => head)).trim();
    return ids === "" ? [] : ids.split("\n").reverse();
  }

  async #build(repository: string, bare: string, commit: string, pattern: string): Promise<Build> {
    const { gitUrl, registry, tags, clock, log } = this.#options;
    const version = nextTag(pattern, tags(repository));
    const behaviour = (await fileAt(bare, commit, behaviourFile))?.trim();
    await pushBuild({
      repository,
      commit,
      version,
      registry,
      source: `${gitUrl}/${repository}.git`,
      at: clock.now(),
      ...(behaviour === undefined ? {} : { behaviour }),
    });
    log.info("an image was built", { image: `${repository}:${version}`, commit });
    return { repository, commit, version };
  }

  /** Takes commits as built already. */
  remember(built: Readonly<Record<string, string>>): Promise<void> {
    const { stateFile } = this.#options;
    Object.assign(this.#built, built);
    this.#saving = this.#saving.then(async () => {
      await mkdir(dirname(stateFile), { recursive: true });
      await writeFile(`${stateFile}.new`, JSON.stringify(this.#built));
      await rename(`${stateFile}.new`, stateFile);
    });
    return this.#saving;
  }
}
