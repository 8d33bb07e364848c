import { messageOf, SluiceError } from "../../errors.ts";
import { groupKind, type KubeObject } from "../../model/kubernetes.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import type { Log } from "../../model/ports/log.ts";
import type { Action, Controller, Decision, View } from "./controller.ts";
import { EventRecorder } from "./events.ts";
import { WorkQueue } from "./queue.ts";
import { canonical } from "./shapes.ts";
import { keyOf, type ObjectStore } from "./store.ts";

export interface RunnerOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: Log;
  /** The store of a kind, by `group/Kind`. */
  readonly stores: ReadonlyMap<string, ObjectStore>;
}
const sideBySide = 8;

/** Runs one controller: asks it to decide about an object, carries that out, writes the status. */
export class Runner {
  readonly controller: Controller;
  readonly #options: RunnerOptions;
  readonly #queue: WorkQueue;
  readonly #events: EventRecorder;
  readonly #refusals = new Map<string, string>();

  constructor(controller: Controller, options: RunnerOptions) {
    this.controller = controller;
    this.#options = options;
    this.#queue = new WorkQueue(options.clock, sideBySide, (key) => this.#work(key));
    this.#events = new EventRecorder(options.client, options.clock, controller.name);
  }

  wake(object: KubeObject): void {
    this.#queue.wake(keyOf(object));
  }
  wakeAll(): void {
    for (const object of this.#store(this.controller.kind).all()) this.wake(object);
  }
  async stop(): Promise<void> {
    await this.#queue.stop();
    await this.#events.flush();
  }

  async #work(key: string): Promise<void> {
    const object = this.#store(this.controller.kind).get(key);
    if (object === undefined) return;
    const decision = this.controller.decide(object, this.#view(object));
    await this.#carryOut(object, decision.actions);
    await this.#writeStatus(key, object, decision);
    if (decision.lookAgainAt !== undefined) this.#queue.wakeAt(key, decision.lookAgainAt);
  }

  #view(object: KubeObject): View {
    const { clock } = this.#options;
    return {
      now: clock.now(),
      random: () => clock.random(),
      owned: (kind, owner) => this.#store(kind).owned(owner.metadata.uid),
      all: (kind) => this.#store(kind).all(),
      refusal: this.#refusals.get(object.metadata.uid ?? ""),
    };
  }

  async #carryOut(object: KubeObject, actions: readonly Action[]): Promise<void> {
    const results = await Promise.allSettled(actions.map((action) => this.#do(object, action)));
    const uid = object.metadata.uid ?? "";
    const failed = results.find((result) => result.status === "rejected");
    if (failed === undefined) {
      this.#refusals.delete(uid);
      return;
    }
    const index = results.indexOf(failed);
    if (actions[index]?.do === "create" && !isRace(failed.reason)) {
      const message = messageOf(failed.reason);
      this.#refusals.set(uid, message);
      this.#events.tell(object, {
        type: "Warning",
        reason: "FailedCreate",
        message: `Error creating: ${message}`,
      });
    }
    throw failed.reason;
  }

  async #do(object: KubeObject, action: Action): Promise<void> {
    const { client } = this.#options;
    if (action.do === "create") this.#store(action.object).absorb(await client.create(action.object));
    if (action.do === "update") this.#store(action.object).absorb(await client.update(action.object));
    if (action.do === "remove") {
      const { namespace, name, uid } = action.object.metadata;
      await client.remove(action.object, namespace, name, { uid });
      this.#store(action.object).going(action.object);
    }
    if (action.event !== undefined) this.#events.tell(object, action.event);
  }

  async #writeStatus(key: string, decided: KubeObject, { status }: Decision): Promise<void> {
    const store = this.#store(this.controller.kind);
    const latest = store.get(key);
    if (status === undefined || latest === undefined || latest.metadata.uid !== decided.metadata.uid) return;
    if (canonical(latest.status ?? {}) === canonical(status)) return;
    store.absorb(await this.#options.client.update({ ...latest, status }, "status"));
  }

  #store(kind: { apiVersion: string; kind: string }): ObjectStore {
    return this.#options.stores.get(groupKind(kind))!;
  }
}

/** Somebody else was faster, or the object is gone: not worth telling anybody, only deciding anew. */
function isRace(error: unknown): boolean {
  return error instanceof SluiceError && (error.facts.status === 409 || error.facts.status === 404);
}
