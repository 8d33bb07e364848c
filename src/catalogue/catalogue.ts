import pLimit from "p-limit";
import { messageOf } from "../errors.ts";
import type { CatalogueImage, CatalogueRepository, SuspectTags } from "../model/catalogue.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import type { RegistryClient } from "../model/ports/registry.ts";
import type { Store } from "../model/ports/store.ts";
import type { Actor } from "../model/source.ts";
import { acceptedEvent, pushedEvents, suspectEvent, unreadEvents } from "./events.ts";
import { type Scan, type ScanResult, scanRepository } from "./scan.ts";
import { keepSuspicion, keptSuspicion, lookAtTags } from "./shrinking.ts";

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
  /** Images whose tags are missing from a list that may not be whole: not offered, and not forgotten. */
  absent: readonly CatalogueImage[];
  /** When it is scanned next, in ms; `never` while nobody uses it. */
  nextScan: number;
  scanning: Promise<void> | undefined;
  /** What a scan found is being kept. */
  taking: Promise<void> | undefined;
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
    for (const [name, images] of byName) {
      const entry = newEntry(name, images);
      const suspect = await keptSuspicion(this.#options.store.values, name);
      if (suspect !== undefined) entry.repository = { ...entry.repository, suspect };
      this.#entries.set(name, entry);
    }
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

  /** A person takes the tag list of a repository as it is, though it shrank. Nothing to do where it did not. */
  async accept(name: string, by: Actor): Promise<void> {
    const entry = this.#entries.get(name);
    // What came of the scan is its own affair; here it only has to be over.
    await entry?.taking?.catch(() => {});
    const suspect = entry?.repository.suspect;
    if (entry === undefined || suspect === undefined) return;
    const { absent } = entry;
    const { suspect: _, ...repository } = entry.repository;
    entry.repository = repository;
    entry.absent = [];
    await this.#options.store.transaction(async (groups) => {
      await groups.images.remove(
        name,
        absent.map((image) => image.tag),
      );
      await keepSuspicion(groups.values, name, undefined);
      await groups.events.append(acceptedEvent(name, suspect, by));
    });
    this.#tell(name);
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
      repository: { ...entry.repository, images: [...entry.repository.images, ...entry.absent] },
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
    if (result.tags !== undefined) {
      entry.taking = this.#take(entry, new Set(result.tags), result);
      await entry.taking;
    }
    if (result.problem === undefined) return;
    if (entry.repository.problem !== result.problem)
      log.warn("a repository cannot be scanned", { name, problem: result.problem });
    entry.repository = { ...entry.repository, problem: result.problem };
  }

  async #take(entry: Entry, tags: ReadonlySet<string>, { fresh, badTags }: ScanResult): Promise<void> {
    const { store, clock, log } = this.#options;
    const { repository, absent } = entry;
    const { name } = repository;
    const known = [...repository.images, ...absent];
    const first = repository.scannedAt === undefined && known.length === 0;
    const { gone, suspect } = lookAtTags(known, tags, repository.suspect, clock.now());
    const forgotten = suspect === undefined ? gone.map((image) => image.tag) : [];
    const moved = new Set(fresh.map((image) => image.tag));
    const kept = known.filter((image) => tags.has(image.tag) && !moved.has(image.tag));
    const began = suspect !== undefined && repository.suspect === undefined;
    const events = [
      ...(first ? [] : pushedEvents(name, fresh)),
      ...unreadEvents(name, repository.badTags, badTags),
      ...(began ? [suspectEvent(name, suspect)] : []),
    ];
    if (began) log.warn("most tags of a repository are gone", { name, had: suspect.had, has: suspect.has });
    const suspicionChanged = !sameSuspicion(suspect, repository.suspect);
    if (fresh.length > 0 || forgotten.length > 0 || events.length > 0 || suspicionChanged)
      await store.transaction(async (groups) => {
        await groups.images.put(fresh);
        await groups.images.remove(name, forgotten);
        if (suspicionChanged) await keepSuspicion(groups.values, name, suspect);
        for (const event of events) await groups.events.append(event);
      });
    const { problem: _, suspect: __, images, ...rest } = repository;
    const changed = fresh.length > 0 || kept.length !== images.length || kept.some((image, at) => image !== images[at]);
    entry.absent = suspect === undefined ? [] : gone;
    entry.repository = {
      ...rest,
      // The same list stays the same object: what was worked out of it holds.
      images: changed ? [...kept, ...fresh] : images,
      badTags,
      scannedAt: clock.now(),
      ...(suspect === undefined ? {} : { suspect }),
    };
    if (changed || first || suspicionChanged) this.#tell(name);
  }

  #tell(name: string): void {
    for (const listener of this.#listeners) listener(name);
  }
}

function sameSuspicion(a: SuspectTags | undefined, b: SuspectTags | undefined): boolean {
  return a?.since === b?.since && a?.had === b?.had && a?.has === b?.has;
}
function hostOf(name: string): string {
  return name.slice(0, name.indexOf("/"));
}
function newEntry(name: string, images: readonly CatalogueImage[]): Entry {
  return {
    repository: { name, images, badTags: {} },
    absent: [],
    nextScan: never,
    scanning: undefined,
    taking: undefined,
    used: new Set(),
    told: new Set(),
    again: false,
    turn: 0,
  };
}
