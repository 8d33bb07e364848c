import type { Clock } from "../../model/ports/clock.ts";

/**
 * Keys to be worked on: each at most once at a time, a few side by side, again when woken meanwhile. Work that fails
 * is tried again after a growing pause.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #work: (key: string) => Promise<void>;
  readonly #waiting = new Set<string>();
  readonly #running = new Set<string>();
  readonly #timers = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  readonly #failures = new Map<string, number>();
  readonly #limit: number;
  #stopped = false;
  #idle: (() => void) | undefined;

  constructor(clock: Clock, limit: number, work: (key: string) => Promise<void>) {
    this.#clock = clock;
    this.#limit = limit;
    this.#work = work;
  }

  wake(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    this.#next();
  }
  /** Wakes a key at a time; an earlier one that is set already stays. */
  wakeAt(key: string, at: number): void {
    const known = this.#timers.get(key);
    if (this.#stopped || (known !== undefined && known.at <= at)) return;
    clearTimeout(known?.timer);
    const fire = () => {
      this.#timers.delete(key);
      this.wake(key);
    };
    // A timer's longest wait is 2^31 ms; an earlier look does no harm.
    const wait = Math.min(2 ** 31 - 1, Math.max(1, at - this.#clock.now()));
    this.#timers.set(key, { at, timer: setTimeout(fire, wait) });
  }
  /** Forgets what is waiting; resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    if (this.#running.size > 0)
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
  }

  #next(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#limit) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      this.#work(key)
        .then(
          () => void this.#failures.delete(key),
          () => this.#retry(key),
        )
        .finally(() => {
          this.#running.delete(key);
          if (this.#running.size === 0) this.#idle?.();
          this.#next();
        });
    }
  }
  #retry(key: string): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.wakeAt(key, this.#clock.now() + Math.min(30_000, 10 * 2 ** failures));
  }
}
