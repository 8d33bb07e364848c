import { isDeepStrictEqual } from "node:util";
import pLimit from "p-limit";
import { messageOf, SluiceError } from "../errors.ts";
import { mayBeReplaced, replaceAnnotation } from "../manifests/workloads.ts";
import type { KubeKind, KubeObject } from "../model/kubernetes.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";
import type { ObjectProblem } from "../model/report.ts";
import { workloadId } from "../model/workload.ts";
import type { Desired } from "./desired.ts";
import { type Difference, differences, type FieldDifference, shown } from "./drift.ts";
import type { Live } from "./live.ts";
import { isImmutable, replaceObject } from "./replace.ts";

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
  /** How the server writes what Git says, per object: values that differ in form and not in meaning. */
  readonly #normal = new Map<string, { readonly hash: string; readonly fields: ReadonlyMap<string, unknown> }>();

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
    await this.put(desired);
    return true;
  }

  /** Applies one object without asking whether it differs; makes it again where it cannot be changed and asks for that. */
  async put(desired: Desired): Promise<void> {
    const { object } = desired;
    const options = { fieldManager, force: true };
    const answer = await this.#client.apply(object, options).catch((error: unknown) => {
      if (isImmutable(error) && mayBeReplaced(object)) return replaceObject(this.#client, object, options);
      throw error;
    });
    this.#learn(desired, answer);
  }

  /** How the live object differs from Git, leaving out what is known to be only another form of the same. */
  difference(desired: Desired, live: KubeObject): Difference[] {
    const normal = this.#normal.get(desired.key);
    return differences(desired.object, live).filter(
      ({ field, live: value }) =>
        normal?.hash !== desired.hash ||
        !normal.fields.has(field) ||
        !isDeepStrictEqual(normal.fields.get(field), value),
    );
  }

  /** The object as the cluster has it at this moment, which a watch tells a little later. */
  current({ object }: Desired): Promise<KubeObject | undefined> {
    return this.#client.get(object, object.metadata.namespace, object.metadata.name);
  }

  /** The same after a server-side dry run settled every doubt: only what the server would really change. */
  async drift(desired: Desired, live: KubeObject): Promise<FieldDifference[]> {
    if (this.difference(desired, live).length === 0) return [];
    this.#learn(desired, await this.#client.apply(desired.object, { fieldManager, force: true, dryRun: true }));
    return shown(this.difference(desired, live));
  }

  /** What differs from Git in the server's own answer to applying Git is the server's way to write it. */
  #learn(desired: Desired, answer: KubeObject): void {
    const fields = new Map(differences(desired.object, answer).map(({ field, live }) => [field, live]));
    this.#normal.set(desired.key, { hash: desired.hash, fields });
  }

  /** Removes an object that Git no longer names, if it is still the one we put there. False when it is kept. */
  async remove(entry: KubeKind & { readonly namespace?: string; readonly name: string }): Promise<boolean> {
    const live = await this.#client.get(entry, entry.namespace, entry.name);
    if (live === undefined) return true;
    const managers = (live.metadata.managedFields ?? []) as { manager?: string }[];
    if (!managers.some((manager) => manager.manager === fieldManager)) return false;
    await this.#client.remove(entry, entry.namespace, entry.name, { uid: live.metadata.uid });
    return true;
  }
}

function problemOf(desired: Desired, error: unknown): ObjectProblem {
  const refused =
    error instanceof SluiceError && error.facts.status === 403 ? " (the agent's account may not do this)" : "";
  const stuck =
    isImmutable(error) && !mayBeReplaced(desired.object)
      ? ` (annotate it with ${replaceAnnotation}: "true" so that the agent deletes it and makes it again)`
      : "";
  return {
    file: desired.file,
    line: desired.line,
    object: workloadId(desired.object.metadata.namespace, desired.object.kind, desired.object.metadata.name),
    message: messageOf(error) + refused + stuck,
  };
}
