import { messageOf } from "../errors.ts";
import { isAbandoned } from "../git/process.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import type { Store, WorkItem } from "../model/ports/store.ts";

/** Does one item; answers when to come again (ms), or undefined when only an event shall bring it back. */
type WorkHandler = (key: string) => Promise<number | undefined>;

export interface WorkerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** In whose name rows are claimed; leases of this name found at start are of an earlier life and are freed. */
  readonly owner: string;
  readonly handlers: Readonly<Record<string, WorkHandler>>;
}
const leaseMs = 15_000;
const idleMs = 5_000;
/** Many at once, as most of what is being done waits: releases for the push that takes them along with others. */
const parallel = 128;

/**
 * Does the work rows that are due. Any number of workers may share a store: a row belongs to the one that claimed it
 * for as long as it extends the lease; after a crash the row is free again when the lease ends, or when the same server
 * starts again.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  #unsubscribe = () => {};

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#options.store.work.free(this.#options.owner);
    this.#stopped = false;
    this.#unsubscribe = this.#options.store.onChange((change) => {
      if (change.work) this.#poll();
    });
    this.#poll();
  }
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    await this.#polling;
    await Promise.all(this.#running.values());
    clearTimeout(this.#timer);
  }

  #poll(): void {
    if (this.#stopped) return;
    if (this.#polling !== undefined) {
      this.#again = true;
      return;
    }
    this.#polling = this.#claim()
      .catch((error: unknown) => {
        this.#options.log.error("work cannot be claimed", { problem: messageOf(error) });
        this.#sleep(idleMs);
      })
      .finally(() => {
        this.#polling = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.#poll();
      });
  }

  async #claim(): Promise<void> {
    const { store, clock, owner } = this.#options;
    const free = parallel - this.#running.size;
    if (free > 0)
      for (const item of await store.work.claim(owner, clock.now(), leaseMs, free)) {
        const done = this.#do(item).finally(() => {
          this.#running.delete(item.key);
          this.#poll();
        });
        this.#running.set(item.key, done);
      }
    const next = await store.work.nextAt();
    this.#sleep(
      next === undefined
        ? idleMs
        : Math.min(idleMs, Math.max(next - clock.now(), this.#running.size >= parallel ? idleMs : 1)),
    );
  }

  #sleep(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.#poll(), ms);
  }

  async #do(item: WorkItem): Promise<void> {
    const { store, clock, log, handlers } = this.#options;
    const heartbeat = setInterval(() => {
      store.work.extend(item, clock.now() + leaseMs).catch(() => {});
    }, leaseMs / 3);
    try {
      const handler = handlers[item.kind];
      if (handler === undefined) throw new Error(`nobody does work of kind ${item.kind}`);
      await store.work.finish(item, await handler(item.key), false);
    } catch (error) {
      const wait = Math.min(60_000, 500 * 2 ** Math.min(item.attempts, 10)) * (0.75 + clock.random() / 2);
      if (!isAbandoned(error))
        log.warn("work failed and comes again", { key: item.key, attempts: item.attempts, problem: messageOf(error) });
      await store.work.finish(item, clock.now() + wait, true).catch(() => {});
    } finally {
      clearInterval(heartbeat);
    }
  }
}
