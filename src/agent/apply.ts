import { isDeepStrictEqual } from "node:util";
import pLimit from "p-limit";
import { messageOf, SluiceError } from "../errors.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";
import type { ObjectProblem } from "../model/report.ts";
import { workloadId } from "../model/workload.ts";
import type { Desired } from "./desired.ts";
import { differences, type FieldDifference } from "./drift.ts";
import type { InventoryEntry } from "./inventory.ts";
import type { Live } from "./live.ts";

export const fieldManager = "sluice-agent";
const parallel = 8;

/** What became of applying. Every object is tried; every failure is told. */
export interface ApplyResult {
  readonly applied: readonly string[];
  readonly problems: readonly ObjectProblem[];
}

/** Applies what differs, rank by rank, in parallel within a rank. */
export class Applier {
  readonly #client: KubernetesClient;
  readonly #live: Live;
  /** Live forms that a dry run found equal to Git, by key: normalisation, not drift. */
  readonly #settled = new Map<string, { hash: string; live: unknown }>();

  constructor(client: KubernetesClient, live: Live) {
    this.#client = client;
    this.#live = live;
  }

  async apply(objects: Iterable<Desired>): Promise<ApplyResult> {
    const applied: string[] = [];
    const problems: ObjectProblem[] = [];
    const limit = pLimit(parallel);
    const ranks = [...Map.groupBy(objects, (desired) => desired.rank)].sort(([a], [b]) => a - b);
    for (const [, inRank] of ranks) {
      await Promise.all(
        inRank.map((desired) =>
          limit(async () => {
            try {
              if (await this.#applyOne(desired)) applied.push(desired.key);
            } catch (error) {
              problems.push(problemOf(desired, error));
            }
          }),
        ),
      );
      if (inRank.some((desired) => desired.object.kind === "CustomResourceDefinition"))
        await this.#client.resources(true);
    }
    return { applied, problems };
  }

  async #applyOne(desired: Desired): Promise<boolean> {
    const live = this.#live.get(desired.object);
    if (live !== undefined && this.difference(desired, live).length === 0) return false;
    const result = await this.#client.apply(desired.object, { fieldManager, force: true });
    // What still differs right after our own apply is how the server writes the same thing.
    if (differences(desired.object, result).length > 0)
      this.#settled.set(desired.key, { hash: desired.hash, live: core(result) });
    return true;
  }

  /** How the live object differs from Git, leaving out what a dry run or our own apply showed to be the same. */
  difference(desired: Desired, live: KubeObject): FieldDifference[] {
    const found = differences(desired.object, live);
    if (found.length === 0) return found;
    const settled = this.#settled.get(desired.key);
    return settled?.hash === desired.hash && isDeepStrictEqual(settled.live, core(live)) ? [] : found;
  }

  /** Settles a suspicion by a server-side dry run: true when the server would really change something. */
  async isDrifted(desired: Desired, live: KubeObject): Promise<boolean> {
    if (this.difference(desired, live).length === 0) return false;
    const result = await this.#client.apply(desired.object, { fieldManager, force: true, dryRun: true });
    if (!isDeepStrictEqual(core(result), core(live))) return true;
    this.#settled.set(desired.key, { hash: desired.hash, live: core(live) });
    return false;
  }

  /** Removes an object that Git no longer names, if it is still the one we put there. False when it is kept. */
  async remove(entry: InventoryEntry): Promise<boolean> {
    const live = await this.#client.get(entry, entry.namespace, entry.name);
    if (live === undefined) return true;
    const managers = (live.metadata.managedFields ?? []) as { manager?: string }[];
    if (!managers.some((manager) => manager.manager === fieldManager)) return false;
    await this.#client.remove(entry, entry.namespace, entry.name, { uid: live.metadata.uid });
    return true;
  }
}

/** The parts of an object that people write. */
function core(object: KubeObject): unknown {
  const { status: _, metadata, ...rest } = object;
  const { labels, annotations } = metadata;
  return { ...rest, labels, annotations: withoutRevision(annotations) };
}
function withoutRevision(annotations: Record<string, string> | undefined): Record<string, string> {
  const { "deployment.kubernetes.io/revision": _, ...rest } = annotations ?? {};
  return rest;
}

function problemOf(desired: Desired, error: unknown): ObjectProblem {
  const refused =
    error instanceof SluiceError && error.facts.status === 403 ? " (the agent's account may not do this)" : "";
  return {
    file: desired.file,
    line: desired.line,
    object: workloadId(desired.object.metadata.namespace, desired.object.kind, desired.object.metadata.name),
    message: messageOf(error) + refused,
  };
}
