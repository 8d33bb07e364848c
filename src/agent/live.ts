import { messageOf } from "../errors.ts";
import { Watcher } from "../kubernetes/watcher.ts";
import type { KubeKind, KubeObject } from "../model/kubernetes.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";
import type { Log } from "../model/ports/log.ts";

const podKind = { apiVersion: "v1", kind: "Pod" };
const replicaSetKind = { apiVersion: "apps/v1", kind: "ReplicaSet" };
const jobKind = { apiVersion: "batch/v1", kind: "Job" };

/** What the cluster holds of the kinds that matter, kept true by watches. Nothing is listed that a watch can tell. */
export class Live {
  readonly #client: KubernetesClient;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  readonly #changed: () => void;
  readonly #watchers = new Map<string, Watched>();

  constructor(client: KubernetesClient, log: Log, signal: AbortSignal, changed: () => void) {
    this.#client = client;
    this.#log = log;
    this.#signal = signal;
    this.#changed = changed;
  }

  /** Watches kinds not watched yet (pods and replica sets always); resolves when all are listed once. Unknown kinds are passed over. */
  async watch(kinds: Iterable<KubeKind>): Promise<void> {
    const wanted = [podKind, replicaSetKind, jobKind, ...kinds];
    const waits: Promise<void>[] = [];
    for (const kind of wanted) {
      const key = `${kind.apiVersion} ${kind.kind}`;
      if (!this.#watchers.has(key)) {
        const resource = await this.#client.resource(kind);
        if (resource === undefined || !resource.verbs.includes("watch")) continue;
        this.#watchers.set(key, this.#start(kind));
      }
      waits.push(this.#watchers.get(key)!.synced);
    }
    const deadline = new Promise<void>((_, reject) => {
      setTimeout(
        () => reject(new Error("the cluster's API server did not list its objects within 30 s")),
        30_000,
      ).unref();
    });
    await Promise.race([Promise.all(waits), deadline]);
  }

  /** Whether the cluster's objects of this kind are known, so that one not found is really not there. */
  knows(object: KubeKind): boolean {
    return this.#watchers.get(`${object.apiVersion} ${object.kind}`)?.listed ?? false;
  }

  get(object: KubeObject): KubeObject | undefined {
    return this.#watchers
      .get(`${object.apiVersion} ${object.kind}`)
      ?.watcher.get(object.metadata.namespace, object.metadata.name);
  }

  /** Pods that belong to a workload, through replica sets and jobs. */
  podsOf(object: KubeObject): KubeObject[] {
    const owners = new Set([object.metadata.uid]);
    if (object.kind === "Pod") return [object];
    for (const kind of [replicaSetKind, jobKind])
      for (const middle of this.#objects(kind)) if (isOwnedBy(middle, owners)) owners.add(middle.metadata.uid);
    return this.#objects(podKind).filter((pod) => isOwnedBy(pod, owners));
  }

  #objects(kind: KubeKind): KubeObject[] {
    return [...(this.#watchers.get(`${kind.apiVersion} ${kind.kind}`)?.watcher.objects ?? [])];
  }

  #start(kind: KubeKind): Watched {
    let done = () => {};
    const synced = new Promise<void>((resolve) => {
      done = resolve;
    });
    const watcher = new Watcher(
      this.#client,
      kind,
      {},
      {
        changed: () => this.#changed(),
        gone: () => this.#changed(),
        synced: () => {
          watched.listed = true;
          done();
        },
        problem: (message) =>
          this.#log.warn("a watch broke and is taken up again", { kind: kind.kind, problem: message }),
      },
    );
    const watched: Watched = { watcher, synced, listed: false };
    watcher
      .run(this.#signal)
      .catch((error: unknown) => this.#log.error("a watch ended", { problem: messageOf(error) }));
    return watched;
  }
}

interface Watched {
  readonly watcher: Watcher;
  readonly synced: Promise<void>;
  listed: boolean;
}

function isOwnedBy(object: KubeObject, owners: ReadonlySet<string | undefined>): boolean {
  return object.metadata.ownerReferences?.some((owner) => owners.has(owner.uid)) ?? false;
}
