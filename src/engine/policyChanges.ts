import { SluiceError } from "../errors.ts";
import type { CallOrigin } from "../model/event.ts";
import { policyChangeId } from "../model/ids.ts";
import type { PolicyChange, PolicyUpdate } from "../model/policy.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Store } from "../model/ports/store.ts";
import type { Actor } from "../model/source.ts";
import type { Repositories } from "../repositories/repositories.ts";
import { acceptedChangeText } from "./policyWords.ts";

export interface PolicyChangesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly repositories: Repositories;
}
export interface NewPolicyChange {
  readonly environment: string;
  readonly by: Actor;
  readonly message: string;
  /** Workloads by their whole ids. */
  readonly updates: readonly PolicyUpdate[];
  readonly request?: CallOrigin;
}
/** The work kind of a policy change; its key is the change's id. */
export const changeWork = "change";
/** Another replica may end a change without this one hearing of it: so often the row is looked at again. */
const lookAgainMs = 1_000;

/** Accepts policy changes: row, event and work in one transaction. Everything after is the engine's. */
export class PolicyChanges {
  readonly #options: PolicyChangesOptions;
  constructor(options: PolicyChangesOptions) {
    this.#options = options;
  }

  /** Resolves when the change is accepted: from then on it is written, whatever happens. Throws `not_found`, `bad_request`. */
  async create(wanted: NewPolicyChange): Promise<PolicyChange> {
    const { clock, store, repositories } = this.#options;
    repositories.environment(wanted.environment);
    if (wanted.updates.length === 0) throw new SluiceError("bad_request", "there is no workload to change");
    refuseTwice(wanted.updates);
    const now = clock.now();
    const change: PolicyChange = {
      id: await this.#freeId(),
      environment: wanted.environment,
      by: wanted.by,
      message: wanted.message,
      createdAt: now,
      updates: wanted.updates,
      state: { step: "queued" },
      revision: 0,
    };
    await store.transaction(async (groups) => {
      await groups.changes.insert(change);
      await groups.events.append({
        type: "policy.accepted",
        actor: change.by,
        text: acceptedChangeText(change),
        environment: change.environment,
        data: { change: change.id },
        ...(wanted.request === undefined ? {} : { request: wanted.request }),
      });
      await groups.work.schedule(change.id, changeWork, now);
    });
    return change;
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<PolicyChange> {
    const change = await this.#options.store.changes.get(id);
    if (change === undefined) throw new SluiceError("not_found", `there is no policy change ${id}`);
    return change;
  }

  /** The change once it has ended, or as it is after `timeoutMs`. Throws `not_found`. */
  async settled(id: string, timeoutMs: number): Promise<PolicyChange> {
    const { store, clock } = this.#options;
    const deadline = clock.now() + timeoutMs;
    let wake = () => {};
    const unsubscribe = store.onChange(({ events }) => {
      if (events.some((event) => event.type.startsWith("policy."))) wake();
    });
    try {
      for (;;) {
        const told = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const change = await this.get(id);
        const left = deadline - clock.now();
        if ("end" in change.state || left <= 0) return change;
        await orAfter(told, Math.min(left, lookAgainMs));
      }
    } finally {
      unsubscribe();
    }
  }

  async #freeId(): Promise<string> {
    const { clock, store } = this.#options;
    for (let length = 4; ; length++) {
      const id = policyChangeId(clock.random, length);
      if ((await store.changes.get(id)) === undefined) return id;
    }
  }
}

/** Of two updates of one workload nobody could say which counts. */
function refuseTwice(updates: readonly PolicyUpdate[]): void {
  const seen = new Set<string>();
  for (const { workload } of updates) {
    if (seen.has(workload)) throw new SluiceError("bad_request", `${workload} is named twice; put its keys together`);
    seen.add(workload);
  }
}

async function orAfter(told: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([told, late]);
  clearTimeout(timer);
}
