import { groupKind, type KubeKind, type KubeObject } from "../../model/kubernetes.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import type { Log } from "../../model/ports/log.ts";
import { type Controller, kinds } from "./controller.ts";
import { cronJobController } from "./cron-job.ts";
import { daemonSetController } from "./daemon-set.ts";
import { deploymentController } from "./deployment.ts";
import { jobController } from "./job.ts";
import { replicaSetController } from "./replica-set.ts";
import { Runner } from "./runner.ts";
import { statefulSetController } from "./stateful-set.ts";
import { ObjectStore, ownerUid } from "./store.ts";

export interface ControllersOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: Log;
}
const controllers: readonly Controller[] = [
  deploymentController,
  replicaSetController,
  statefulSetController,
  daemonSetController,
  jobController,
  cronJobController,
];

/**
 * Plays kube-controller-manager's part for workloads as a client of the API: makes pods out of Deployments and the
 * like, rolls them over and keeps their status. Resolves when everything was listed once; `stop` resolves when no
 * write is under way any more. Garbage collection is the API server's.
 */
export async function startControllers(options: ControllersOptions): Promise<{ stop(): Promise<void> }> {
  const { client, log } = options;
  const ending = new AbortController();
  const stores = new Map<string, ObjectStore>();
  const runners = controllers.map((controller) => new Runner(controller, { ...options, stores }));
  const router = new Router(runners, stores);
  for (const kind of Object.values(kinds))
    stores.set(
      groupKind(kind),
      new ObjectStore(client, kind, {
        changed: (object) => router.changed(object),
        gone: (object) => router.gone(object),
        problem: (message) =>
          log.warn("a watch of the controllers broke", {
            kind: kind.kind,
            problem: message,
          }),
      }),
    );
  const watches = await Promise.all([...stores.values()].map((store) => store.start(ending.signal)));
  router.open();
  return {
    async stop() {
      ending.abort();
      await Promise.all([...watches.map((watch) => watch.ended), ...runners.map((runner) => runner.stop())]);
    },
  };
}

/** Finds out which objects a change concerns. Silent until everything was listed once, or decisions would miss what exists. */
class Router {
  readonly #runners: readonly Runner[];
  readonly #stores: ReadonlyMap<string, ObjectStore>;
  readonly #byUid = new Map<string, KubeObject>();
  #isOpen = false;

  constructor(runners: readonly Runner[], stores: ReadonlyMap<string, ObjectStore>) {
    this.#runners = runners;
    this.#stores = stores;
  }

  open(): void {
    this.#isOpen = true;
    for (const runner of this.#runners) runner.wakeAll();
  }
  changed(object: KubeObject): void {
    if (this.#runnerOf(object) !== undefined) this.#byUid.set(object.metadata.uid ?? "", object);
    if (!this.#isOpen) return;
    this.#runnerOf(object)?.wake(object);
    this.#wakeOwner(object);
    this.#wakeHeeding(object);
  }
  gone(object: KubeObject): void {
    this.#byUid.delete(object.metadata.uid ?? "");
    if (!this.#isOpen) return;
    const owner = this.#wakeOwner(object);
    // A Recreate rollout waits until the pods of its old replica sets are gone.
    if (owner !== undefined) this.#wakeOwner(owner);
    this.#wakeHeeding(object);
  }

  #wakeOwner(object: KubeObject): KubeObject | undefined {
    const owner = this.#byUid.get(ownerUid(object) ?? "");
    if (owner !== undefined) this.#runnerOf(owner)?.wake(owner);
    return owner;
  }
  #wakeHeeding(kind: KubeKind): void {
    for (const runner of this.#runners)
      if (runner.controller.heeds?.some((heeded) => groupKind(heeded) === groupKind(kind))) runner.wakeAll();
  }
  #runnerOf(kind: KubeKind): Runner | undefined {
    if (!this.#stores.has(groupKind(kind))) return undefined;
    return this.#runners.find((runner) => groupKind(runner.controller.kind) === groupKind(kind));
  }
}
