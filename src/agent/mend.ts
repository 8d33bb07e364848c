import { messageOf } from "../errors.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";
import type { Log } from "../model/ports/log.ts";
import { type Applier, fieldManager } from "./apply.ts";
import type { Desired } from "./desired.ts";
import type { FieldDifference } from "./drift.ts";
import type { Live } from "./live.ts";

export interface DriftOptions {
  readonly live: Live;
  readonly applier: Applier;
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when the set of drifted objects changed. */
  readonly changed: () => void;
}
const lookDelayMs = 100;
/** Drift is shown for a moment before it is mended, so that people see that it happened. */
const mendDelayMs = 1_500;
const maxBackOffMs = 300_000;

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
  #looking = false;
  #stopped = false;

  constructor(options: DriftOptions) {
    this.#options = options;
  }

  /** Takes the objects just applied: drift is measured against them from now on. */
  take(objects: ReadonlyMap<string, Desired>): void {
    this.#objects = objects;
    this.#drifted.clear();
    this.lookSoon();
  }
  get differences(): ReadonlyMap<string, readonly FieldDifference[]> {
    return new Map([...this.#drifted].map(([key, entry]) => [key, entry.differences]));
  }
  lookSoon(delay = lookDelayMs): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look().catch((error: unknown) =>
        this.#options.log.warn("looking for drift failed", { problem: messageOf(error) }),
      );
    }, delay);
  }
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#looking) return this.lookSoon();
    this.#looking = true;
    try {
      let next: number | undefined;
      for (const desired of this.#objects.values()) {
        const mendAt = await this.#lookAt(desired);
        if (mendAt !== undefined) next = Math.min(next ?? Infinity, mendAt);
      }
      if (next !== undefined) this.lookSoon(Math.max(lookDelayMs, next - this.#options.clock.now()));
    } finally {
      this.#looking = false;
    }
  }

  /** Answers when to come back for a drifted object. */
  async #lookAt(desired: Desired): Promise<number | undefined> {
    const { live, applier, clock, changed } = this.#options;
    const found = live.get(desired.object);
    const known = this.#drifted.get(desired.key);
    const gone = found === undefined;
    const difference = gone ? [{ field: "", git: "present", live: "deleted" }] : applier.difference(desired, found);
    if (difference.length === 0) {
      if (known !== undefined && this.#drifted.delete(desired.key)) changed();
      return undefined;
    }
    if (known === undefined) {
      if (!gone && !(await applier.isDrifted(desired, found))) return undefined;
      const mendAt = clock.now() + this.#wait(desired.key);
      this.#drifted.set(desired.key, { differences: difference, mendAt });
      changed();
      return mendAt;
    }
    if (clock.now() < known.mendAt) return known.mendAt;
    return this.#mend(desired, known);
  }

  async #mend(desired: Desired, known: Drifted): Promise<number | undefined> {
    const { client, clock, log } = this.#options;
    const mends = this.#mends.get(desired.key) ?? { count: 0, lastAt: 0 };
    this.#mends.set(desired.key, { count: mends.count + 1, lastAt: clock.now() });
    try {
      await client.apply(desired.object, { fieldManager, force: true });
      log.info("put an object back to what Git says", { object: desired.key });
      return undefined;
    } catch (error) {
      log.warn("an object cannot be put back", { object: desired.key, problem: messageOf(error) });
      const mendAt = clock.now() + this.#wait(desired.key);
      this.#drifted.set(desired.key, { ...known, mendAt });
      return mendAt;
    }
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
