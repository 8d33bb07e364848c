import type { Catalogue } from "../catalogue/catalogue.ts";
import { imageName, parseImage, showVersion, versionOf } from "../model/image.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Store } from "../model/ports/store.ts";
import type { EnvironmentReport } from "../model/report.ts";
import { automation } from "../model/source.ts";
import { isGood } from "../model/verdict.ts";
import { containerKey } from "../model/workload.ts";
import { shortName } from "../planning/message.ts";
import { findImage } from "../planning/order.ts";
import type { Repositories } from "../repositories/repositories.ts";

export interface VerifierOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly repositories: Repositories;
  readonly catalogue: Catalogue;
}

/**
 * Records which version of each container is verified in an environment: what Git named at the commit the agent tried
 * is what is live, and the strict verdict is good. Versions that came by hand-made commits count like any other.
 */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #known = new Map<string, Map<string, string>>();
  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** Answers whether anything new was verified. */
  async look(report: EnvironmentReport): Promise<boolean> {
    const { repositories, store, clock, catalogue } = this.#options;
    if (report.attempted === undefined || !repositories.configuration.environments.has(report.environment))
      return false;
    const tree = await repositories.tree(report.environment, report.attempted.commit);
    const known = await this.#knownOf(report.environment);
    let found = false;
    for (const entry of report.workloads) {
      if (!isGood(entry.verdict)) continue;
      for (const container of entry.containers) {
        const slot = tree.workloads
          .get(entry.id)
          ?.containers.find((candidate) => candidate.container === container.container);
        const ref = slot?.image === container.image ? parseImage(container.image) : undefined;
        if (ref === undefined) continue;
        const key = containerKey({ workload: entry.id, container: container.container });
        const version = versionOf(ref);
        const digest =
          version.digest ??
          container.running.find((entry) => entry.image === container.image)?.digest ??
          findImage(catalogue.repository(imageName(ref)), version)?.digest;
        const mark = markOf(container.image, digest);
        if (known.get(key) === mark) continue;
        await store.transaction(async (groups) => {
          await groups.verifications.put({
            environment: report.environment,
            workload: entry.id,
            container: container.container,
            image: container.image,
            version: digest === undefined ? version : { ...version, digest },
            commit: report.attempted!.commit,
            at: clock.now(),
          });
          await groups.events.append({
            type: "workload.verified",
            actor: automation,
            environment: report.environment,
            workload: entry.id,
            commit: report.attempted!.commit,
            text: `${shortName({ workload: entry.id, container: container.container })} ${showVersion(version)} is verified in ${report.environment}`,
          });
        });
        known.set(key, mark);
        found = true;
      }
    }
    return found;
  }

  /** What is recorded of an environment, so that a server that starts again tells nothing twice. */
  async #knownOf(environment: string): Promise<Map<string, string>> {
    let known = this.#known.get(environment);
    if (known === undefined) {
      const kept = await this.#options.store.verifications.latest([environment]);
      known = new Map(kept.map((entry) => [containerKey(entry), markOf(entry.image, entry.version.digest)]));
      this.#known.set(environment, known);
    }
    return known;
  }
}

function markOf(image: string, digest: string | undefined): string {
  return `${image} ${digest ?? ""}`;
}
