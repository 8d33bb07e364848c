import pLimit from "p-limit";
import { messageOf } from "../errors.ts";
import type { CatalogueImage, CatalogueRepository } from "../model/catalogue.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import type { RegistryClient } from "../model/ports/registry.ts";
import type { Store } from "../model/ports/store.ts";
import { automation } from "../model/source.ts";

export interface CatalogueOptions {
  readonly registry: RegistryClient;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between scans of a repository, by canonical host. */
  readonly pollOf: (host: string) => number;
}
interface Entry {
  repository: CatalogueRepository;
  nextScan: number;
  scanning: Promise<void> | undefined;
  again: boolean;
}

/**
 * Keeps what registries hold of the repositories that workloads use. Scans each by its host's rhythm and at once when
 * told of a push; reads metadata of tags that are new or moved only. A bad tag costs that tag only.
 */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(name: string) => void>();
  readonly #limit = pLimit(8);
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: CatalogueOptions) {
    this.#options = options;
  }

  /** Loads what earlier runs learned. */
  async load(): Promise<void> {
    const byName = Map.groupBy(await this.#options.store.images.all(), (image) => image.name);
    for (const [name, images] of byName)
      this.#entries.set(name, {
        repository: { name, images, badTags: {} },
        nextScan: Number.POSITIVE_INFINITY,
        scanning: undefined,
        again: false,
      });
  }

  /** Says which repositories matter now; new ones are scanned at once. */
  want(names: Iterable<string>): void {
    const wanted = new Set(names);
    const now = this.#options.clock.now();
    for (const name of wanted) {
      const entry = this.#entries.get(name);
      if (entry === undefined)
        this.#entries.set(name, {
          repository: { name, images: [], badTags: {} },
          nextScan: now,
          scanning: undefined,
          again: false,
        });
      else if (entry.nextScan === Number.POSITIVE_INFINITY) entry.nextScan = now;
    }
    for (const [name, entry] of this.#entries) if (!wanted.has(name)) entry.nextScan = Number.POSITIVE_INFINITY;
    this.#plan();
  }

  repository(name: string): CatalogueRepository | undefined {
    return this.#entries.get(name)?.repository;
  }
  /** Told after a scan found anything new. */
  onChange(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Scans now; a wake-up from a notification. Names nobody uses are ignored, so that a stranger cannot make us read. */
  wake(name: string): boolean {
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.nextScan === Number.POSITIVE_INFINITY) return false;
    entry.again = entry.scanning !== undefined;
    if (!entry.again) void this.#scan(entry);
    return true;
  }
  /** Canonical names of all repositories somebody uses. */
  get names(): string[] {
    return [...this.#entries].filter(([, entry]) => entry.nextScan !== Number.POSITIVE_INFINITY).map(([name]) => name);
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const next = Math.min(...[...this.#entries.values()].map((entry) => entry.nextScan));
    if (next === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => {
        const now = this.#options.clock.now();
        for (const entry of this.#entries.values())
          if (entry.nextScan <= now && entry.scanning === undefined) void this.#scan(entry);
      },
      Math.max(0, next - this.#options.clock.now()),
    );
  }

  #scan(entry: Entry): Promise<void> {
    const { clock, pollOf } = this.#options;
    const { name } = entry.repository;
    const poll = pollOf(name.slice(0, name.indexOf("/")));
    entry.nextScan = clock.now() + poll;
    entry.scanning = this.#limit(() => this.#scanNow(entry)).finally(() => {
      entry.scanning = undefined;
      if (entry.again && !this.#closed) {
        entry.again = false;
        void this.#scan(entry);
      } else this.#plan();
    });
    return entry.scanning;
  }

  async #scanNow(entry: Entry): Promise<void> {
    const { registry, store, clock, log } = this.#options;
    const { name } = entry.repository;
    try {
      const tags = await registry.tags(name);
      const known = new Map(entry.repository.images.map((image) => [image.tag, image]));
      const badTags: Record<string, string> = {};
      const fresh: CatalogueImage[] = [];
      await Promise.all(
        tags.map((tag) =>
          this.#limitPerScan(async () => {
            const old = known.get(tag);
            try {
              const digest = old === undefined ? undefined : await registry.digest(name, tag);
              if (old !== undefined && old.digest === digest) return;
              const metadata = await registry.metadata(name, digest ?? tag);
              fresh.push({
                name,
                tag,
                digest: metadata.digest,
                labels: metadata.labels,
                seenAt: clock.now(),
                ...(metadata.createdAt === undefined ? {} : { createdAt: metadata.createdAt }),
              });
            } catch (error) {
              badTags[tag] = messageOf(error);
            }
          }),
        ),
      );
      await this.#take(entry, new Set(tags), fresh, badTags, store, clock.now());
    } catch (error) {
      const problem = messageOf(error);
      if (entry.repository.problem !== problem) log.warn("a repository cannot be scanned", { name, problem });
      entry.repository = { ...entry.repository, problem };
    }
  }

  readonly #limitPerScan = pLimit(8);

  async #take(
    entry: Entry,
    tags: ReadonlySet<string>,
    fresh: readonly CatalogueImage[],
    badTags: Record<string, string>,
    store: Store,
    now: number,
  ): Promise<void> {
    const { name, images } = entry.repository;
    const first = entry.repository.scannedAt === undefined && images.length === 0;
    const gone = images.filter((image) => !tags.has(image.tag)).map((image) => image.tag);
    const moved = new Set(fresh.map((image) => image.tag));
    const kept = images.filter((image) => tags.has(image.tag) && !moved.has(image.tag));
    if (fresh.length > 0 || gone.length > 0)
      await store.transaction(async (groups) => {
        await groups.images.put(fresh);
        await groups.images.remove(name, gone);
        if (first) return;
        for (const image of fresh)
          await groups.events.append({
            type: "image.pushed",
            actor: automation,
            text: `${name}:${image.tag} is in the registry`,
            data: { name, tag: image.tag, digest: image.digest },
          });
      });
    const { problem: _, ...rest } = entry.repository;
    entry.repository = { ...rest, images: [...kept, ...fresh], badTags, scannedAt: now };
    if (fresh.length > 0 || gone.length > 0 || first) for (const listener of this.#listeners) listener(name);
  }
}
