import { messageOf } from "../errors.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import type { Applier } from "./apply.ts";
import type { Desired } from "./desired.ts";
import type { FieldDifference } from "./drift.ts";
import type { Live } from "./live.ts";

export interface DriftOptions {
  readonly live: Live;
  readonly applier: Applier;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when the set of drifted objects changed. */
  readonly changed: () => void;
}
const lookDelayMs = 100;
/** Drift is shown for a moment before it is mended, so that people see that it happened. */
const mendDelayMs = 1_500;
const maxBackOffMs = 300_000;

const deleted: readonly FieldDifference[] = [{ field: "", git: "present", live: "deleted" }];

interface Drifted {
  readonly differences: readonly FieldDifference[];
  readonly mendAt: number;
}

/** Sees when live objects leave what Git says and puts them back. Backs off for each object by itself when somebody keeps changing it. */
export class Drift {
  readonly #options: DriftOptions;
  readonly #drifted = new Map<string, Drifted>();
  readonly #mends = new Map<string, { count: number; lastAt: number }>();
  #objects: ReadonlyMap<string, Desired> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = 0;
  #look: Promise<void> | undefined;
  #paused = false;
  #stopped = false;

  constructor(options: DriftOptions) {
    this.#options = options;
  }

  /** Keeps its hands off while another commit is applied: half-way between two commits everything looks drifted. */
  async pause(): Promise<void> {
    this.#paused = true;
    await this.#look;
  }
  /** Takes the objects just applied: drift is measured against them from now on. */
  take(objects: ReadonlyMap<string, Desired>): void {
    this.#objects = objects;
    this.#drifted.clear();
    this.#paused = false;
    this.lookSoon();
  }
  get differences(): ReadonlyMap<string, readonly FieldDifference[]> {
    return new Map([...this.#drifted].map(([key, entry]) => [key, entry.differences]));
  }
  /** Looks within `delay` ms; a look planned for later comes earlier then. */
  lookSoon(delay = lookDelayMs): void {
    if (this.#stopped) return;
    const at = this.#options.clock.now() + delay;
    if (this.#timer !== undefined && this.#timerAt <= at) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#look !== undefined) return this.lookSoon();
      this.#look = this.#lookAtAll().finally(() => {
        this.#look = undefined;
      });
    }, delay);
  }
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #lookAtAll(): Promise<void> {
    let next: number | undefined;
    for (const desired of this.#objects.values()) {
      if (this.#paused || this.#stopped) return;
      try {
        const mendAt = await this.#lookAt(desired);
        if (mendAt !== undefined) next = Math.min(next ?? Infinity, mendAt);
      } catch (error) {
        // One object the cluster refuses must not hide the drift of the others.
        this.#options.log.warn("looking for drift failed", { object: desired.key, problem: messageOf(error) });
      }
    }
    if (next !== undefined) this.lookSoon(Math.max(lookDelayMs, next - this.#options.clock.now()));
  }

  /** Answers when to come back for a drifted object. */
  async #lookAt(desired: Desired): Promise<number | undefined> {
    const { live, applier, clock, changed } = this.#options;
    if (!live.knows(desired.object)) return undefined;
    const found = live.get(desired.object);
    const known = this.#drifted.get(desired.key);
    if (found !== undefined && applier.difference(desired, found).length === 0) {
      if (this.#drifted.delete(desired.key)) changed();
      return undefined;
    }
    if (known === undefined) {
      // Asked again: what was just applied, or just changed in Git, is not yet in what a slow watch has told.
      const now = await applier.current(desired);
      const drift = now === undefined ? deleted : await applier.drift(desired, now);
      if (drift.length === 0 || this.#paused) return undefined;
      const mendAt = clock.now() + this.#wait(desired.key);
      this.#drifted.set(desired.key, { differences: drift, mendAt });
      changed();
      return mendAt;
    }
    if (clock.now() < known.mendAt) return known.mendAt;
    return this.#mend(desired, known);
  }

  async #mend(desired: Desired, known: Drifted): Promise<number | undefined> {
    const { applier, clock, log } = this.#options;
    const mends = this.#mends.get(desired.key) ?? { count: 0, lastAt: 0 };
    this.#mends.set(desired.key, { count: mends.count + 1, lastAt: clock.now() });
    try {
      await applier.put(desired);
      log.info("put an object back to what Git says", { object: desired.key });
    } catch (error) {
      log.warn("an object cannot be put back", { object: desired.key, problem: messageOf(error) });
    }
    // The watch tells when it worked; should it not, or somebody be faster, the next try waits longer.
    const mendAt = clock.now() + this.#wait(desired.key);
    this.#drifted.set(desired.key, { ...known, mendAt });
    return mendAt;
  }

  /** The first mend comes soon; each further one within ten minutes waits twice as long. */
  #wait(key: string): number {
    const mends = this.#mends.get(key);
    if (mends === undefined || this.#options.clock.now() - mends.lastAt > 600_000) {
      this.#mends.delete(key);
      return mendDelayMs;
    }
    return Math.min(maxBackOffMs, mendDelayMs * 2 ** mends.count);
  }
}
