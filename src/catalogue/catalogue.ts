import pLimit from "p-limit";
import { messageOf } from "../errors.ts";
import type { CatalogueImage, CatalogueRepository } from "../model/catalogue.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import type { RegistryClient } from "../model/ports/registry.ts";
import type { Store } from "../model/ports/store.ts";
import { automation } from "../model/source.ts";
import { type Scan, scanRepository } from "./scan.ts";

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
  /** When it is scanned next, in ms; `never` while nobody uses it. */
  nextScan: number;
  scanning: Promise<void> | undefined;
  /** Tags that workloads name now. */
  used: ReadonlySet<string>;
  /** Tags that a notification was about and that were not looked at since. */
  told: Set<string>;
  /** Told of a push while a scan was running. */
  again: boolean;
  /** Where the next poll goes on looking whether known tags moved. */
  turn: number;
}
const never = Number.POSITIVE_INFINITY;

/**
 * Keeps what registries hold of the repositories that workloads use. Scans each by its host's rhythm and at once when
 * told of a push. Asks a registry for little: the list, what is new, the tags a notification or a workload names, and
 * at each poll a few of the others in turn. A bad tag costs that tag only; a host that asks for rest gets it.
 */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<(name: string) => void>();
  readonly #limit = pLimit(8);
  /** Until when a host is left alone, in ms. */
  readonly #resting = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: CatalogueOptions) {
    this.#options = options;
  }

  /** Loads what earlier runs learned. */
  async load(): Promise<void> {
    const byName = Map.groupBy(await this.#options.store.images.all(), (image) => image.name);
    for (const [name, images] of byName) this.#entries.set(name, newEntry(name, images));
  }

  /** Says which repositories matter now and which of their tags are in use; new ones are scanned at once. */
  want(uses: ReadonlyMap<string, ReadonlySet<string>>): void {
    const now = this.#options.clock.now();
    for (const [name, tags] of uses) {
      const entry = this.#entries.get(name) ?? newEntry(name, []);
      this.#entries.set(name, entry);
      entry.used = tags;
      if (entry.nextScan === never) entry.nextScan = now;
    }
    for (const [name, entry] of this.#entries) if (!uses.has(name)) entry.nextScan = never;
    this.#plan();
  }

  repository(name: string): CatalogueRepository | undefined {
    return this.#entries.get(name)?.repository;
  }
  /** Canonical names of all repositories somebody uses. */
  get names(): string[] {
    return [...this.#entries].filter(([, entry]) => entry.nextScan !== never).map(([name]) => name);
  }
  /** Told after a scan found anything new. */
  onChange(listener: (name: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#entries.values()].map((entry) => entry.scanning));
  }

  /**
   * Scans now; a wake-up from a notification, with the tag it named. Names nobody uses are ignored, so that a stranger
   * cannot make us read. A host that asked for rest is not woken.
   */
  wake(name: string, tag?: string): boolean {
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.nextScan === never || this.#closed) return false;
    if (tag !== undefined) entry.told.add(tag);
    if (entry.scanning !== undefined) entry.again = true;
    else if (this.#restsUntil(name) <= this.#options.clock.now()) this.#scan(entry, "told");
    return true;
  }

  #restsUntil(name: string): number {
    return this.#resting.get(hostOf(name)) ?? 0;
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const due = (entry: Entry) => Math.max(entry.again ? 0 : entry.nextScan, this.#restsUntil(entry.repository.name));
    const next = Math.min(...[...this.#entries.values()].filter((entry) => entry.scanning === undefined).map(due));
    if (next === never) return;
    const wait = Math.min(Math.max(0, next - this.#options.clock.now()), 0x7fffffff);
    this.#timer = setTimeout(() => {
      const now = this.#options.clock.now();
      for (const entry of this.#entries.values())
        if (entry.scanning === undefined && due(entry) <= now) this.#scan(entry, "poll");
      this.#plan();
    }, wait);
  }

  #scan(entry: Entry, cause: Scan["cause"]): void {
    const { clock, pollOf } = this.#options;
    entry.again = false;
    entry.nextScan = clock.now() + pollOf(hostOf(entry.repository.name));
    entry.scanning = this.#limit(() => this.#scanNow(entry, cause))
      .catch((error: unknown) => this.#options.log.error("a scan was not kept", { problem: messageOf(error) }))
      .finally(() => {
        entry.scanning = undefined;
        const resting = this.#restsUntil(entry.repository.name) > clock.now();
        if (entry.again && !resting && !this.#closed) this.#scan(entry, "told");
        else this.#plan();
      });
  }

  async #scanNow(entry: Entry, cause: Scan["cause"]): Promise<void> {
    if (this.#closed) return;
    const { registry, clock, log } = this.#options;
    const { name } = entry.repository;
    const { told } = entry;
    entry.told = new Set();
    const result = await scanRepository(registry, {
      repository: entry.repository,
      cause,
      told,
      used: entry.used,
      turn: entry.turn,
      now: clock.now,
    });
    if (this.#closed) return;
    if (result.restMs !== undefined) {
      for (const tag of told) entry.told.add(tag);
      entry.again = true;
      this.#resting.set(hostOf(name), clock.now() + result.restMs);
      log.warn("a registry asks for rest", { host: hostOf(name), seconds: Math.ceil(result.restMs / 1_000) });
    }
    entry.turn = result.turn;
    if (result.tags !== undefined) await this.#take(entry, new Set(result.tags), result.fresh, result.badTags);
    if (result.problem === undefined) return;
    if (entry.repository.problem !== result.problem)
      log.warn("a repository cannot be scanned", { name, problem: result.problem });
    entry.repository = { ...entry.repository, problem: result.problem };
  }

  async #take(
    entry: Entry,
    tags: ReadonlySet<string>,
    fresh: readonly CatalogueImage[],
    badTags: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { store, clock } = this.#options;
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
    entry.repository = { ...rest, images: [...kept, ...fresh], badTags, scannedAt: clock.now() };
    if (fresh.length > 0 || gone.length > 0 || first) for (const listener of this.#listeners) listener(name);
  }
}

function hostOf(name: string): string {
  return name.slice(0, name.indexOf("/"));
}
function newEntry(name: string, images: readonly CatalogueImage[]): Entry {
  return {
    repository: { name, images, badTags: {} },
    nextScan: never,
    scanning: undefined,
    used: new Set(),
    told: new Set(),
    again: false,
    turn: 0,
  };
}
