/** Collects what should be read again and reads it in turns, so that a storm of news costs one read at a time and none is lost. */
export class Refresher {
  readonly #refresh: (keys: readonly string[]) => Promise<unknown>;
  readonly #pause: number;
  #dirty = new Set<string>();
  #running = false;

  constructor(refresh: (keys: readonly string[]) => Promise<unknown>, pause: number) {
    this.#refresh = refresh;
    this.#pause = pause;
  }

  add(keys: readonly string[]): void {
    for (const key of keys) this.#dirty.add(key);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#dirty.size > 0) {
      // A short pause first: one step of a release tells several things at once.
      await new Promise((resolve) => setTimeout(resolve, this.#pause));
      const keys = [...this.#dirty];
      this.#dirty = new Set();
      await this.#refresh(keys).catch(() => undefined);
    }
    this.#running = false;
  }
}
