import { authorOf } from "../model/identity.ts";
import { parseImage, sameVersion, versionOf } from "../model/image.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { GitMirror } from "../model/ports/git.ts";
import type { Store } from "../model/ports/store.ts";
import type { Hold } from "../model/release.ts";
import { automation } from "../model/source.ts";
import { holdMessage } from "../planning/message.ts";
import { pushPlace } from "../releasing/review.ts";
import { forgetStopped, type StoppedRelease, stoppedReleases } from "../releasing/stops.ts";
import type { Edit, Writer } from "../releasing/writer.ts";
import type { Repositories } from "../repositories/repositories.ts";
import { type EnvironmentPlaces, placesOf, readEnvironmentTree } from "../repositories/trees.ts";

export interface StopRunnerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly repositories: Repositories;
  readonly writer: Writer;
}

/** Writes the holds of a stopped release: a commit that changes no file, so that automation does not plan it again. */
export class StopRunner {
  readonly #options: StopRunnerOptions;
  constructor(options: StopRunnerOptions) {
    this.#options = options;
  }

  async run(release: string): Promise<undefined> {
    const { store, clock, repositories, writer } = this.#options;
    const stopped = (await stoppedReleases(store)).find((entry) => entry.release === release);
    const [first] = stopped?.holds ?? [];
    if (stopped === undefined || first === undefined) return undefined;
    const environment = repositories.configuration.environments.get(first.environment);
    // Nobody reviews a commit without a change: where all commits are reviewed, the list itself holds the versions back.
    if (environment !== undefined && pushPlace(environment, release).from !== undefined) return undefined;
    if (environment !== undefined) {
      const { repository, branch } = environment.git;
      await writer.write({
        repository,
        branch,
        trailer: { key: "Sluice-Stops", value: release },
        base: stopped.base,
        skipCi: environment.commits.skipCi,
        author: authorOf({ name: first.by, kind: first.by === automation.name ? "automation" : "person" }),
        at: clock.now(),
        edit: (mirror, head) => this.#edit(stopped, placesOf(environment), mirror, head),
      });
      await repositories.takeUp();
    }
    await store.transaction((groups) => forgetStopped(groups, release));
    return undefined;
  }

  /** A version that a person has brought there meanwhile is not held back any more. */
  async #edit(stopped: StoppedRelease, places: EnvironmentPlaces, mirror: GitMirror, head: string): Promise<Edit> {
    const tree = await readEnvironmentTree(mirror, head, places);
    const isThere = (hold: Hold) => {
      const slots = tree.workloads.get(hold.workload)?.containers ?? [];
      const ref = parseImage(slots.find((slot) => slot.container === hold.container)?.image ?? "");
      return ref !== undefined && hold.what !== "*" && sameVersion(versionOf(ref), hold.what);
    };
    const holds = stopped.holds.filter((hold) => !isThere(hold));
    if (holds.length === 0) return { kind: "nothing", reason: "what was stopped is there by now" };
    return { kind: "commit", files: new Map(), message: holdMessage(stopped.release, holds) };
  }
}
