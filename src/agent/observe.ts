import { assess, type HealthMemory } from "../health/assess.ts";
import { imagePlaces } from "../manifests/workloads.ts";
import type { HealthSettings, ImageRules } from "../model/documents.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import type { WorkloadReport } from "../model/report.ts";
import { workloadId } from "../model/workload.ts";
import type { Desired } from "./desired.ts";
import type { FieldDifference } from "./drift.ts";
import type { Live } from "./live.ts";

/** Looks at every workload of an environment and remembers what a verdict needs between two looks. */
export class Observer {
  readonly #live: Live;
  readonly #memory = new Map<string, HealthMemory>();

  constructor(live: Live) {
    this.#live = live;
  }

  /** Reports of all workloads, and when to look again though nothing changes. */
  look(
    desired: Iterable<Desired>,
    drift: ReadonlyMap<string, readonly FieldDifference[]>,
    settings: { readonly health: HealthSettings; readonly images: ImageRules },
    now: number,
  ): { workloads: WorkloadReport[]; lookAgainAt: number | undefined } {
    const workloads: WorkloadReport[] = [];
    let lookAgainAt: number | undefined;
    for (const entry of desired) {
      const places = (object: KubeObject) => imagePlaces(object, settings.images, entry.markers);
      if (places(entry.object).length === 0) continue;
      const live = this.#live.get(entry.object);
      const pods = live === undefined ? [] : this.#live.podsOf(live);
      const result = assess(this.#memory.get(entry.key), live, pods, settings.health, now);
      this.#memory.set(entry.key, result.memory);
      if (result.lookAgainAt !== undefined) lookAgainAt = Math.min(lookAgainAt ?? Infinity, result.lookAgainAt);
      const { namespace, name } = entry.object.metadata;
      workloads.push({
        id: workloadId(namespace, entry.object.kind, name),
        verdict: result.verdict,
        containers: places(live ?? entry.object).map(({ container, image }) => ({
          container,
          image,
          running: runningImages(pods, container),
        })),
        drift: (drift.get(entry.key) ?? []).map((difference) => ({ ...difference })),
      });
    }
    return { workloads, lookAgainAt };
  }
}

interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly imageID?: string;
  readonly state?: { running?: unknown };
}

/** Image references and digests of the pods' running containers of one name. */
function runningImages(
  pods: readonly KubeObject[],
  container: string,
): { image: string; digest?: string; pods: number }[] {
  const found = new Map<string, { image: string; digest?: string; pods: number }>();
  for (const pod of pods) {
    const status = pod.status as
      | { containerStatuses?: ContainerStatus[]; initContainerStatuses?: ContainerStatus[] }
      | undefined;
    const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
    const entry = all.find((candidate) => candidate.name === container && candidate.state?.running !== undefined);
    if (entry?.image === undefined) continue;
    const digest = /@([\w+.-]+:[0-9a-f]+)$/.exec(entry.imageID ?? "")?.[1];
    const key = `${entry.image} ${digest ?? ""}`;
    const known = found.get(key);
    if (known === undefined)
      found.set(key, { image: entry.image, pods: 1, ...(digest === undefined ? {} : { digest }) });
    else known.pods++;
  }
  return [...found.values()];
}
