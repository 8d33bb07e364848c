import type { CatalogueImage } from "../catalogue.ts";
import type { NewEvent, SluiceEvent } from "../event.ts";
import type { Version } from "../image.ts";
import type { PolicyChange } from "../policy.ts";
import type { Hold, Promotion, Release } from "../release.ts";
import type { EnvironmentReport } from "../report.ts";
import type { ContainerKey } from "../workload.ts";

/** A unit of work with a lease: `token` fences writes of a worker that lost it. */
export interface WorkItem {
  readonly key: string;
  readonly kind: string;
  readonly token: number;
  readonly attempts: number;
}
export interface Work {
  /** Makes sure the key runs at `runAt` or earlier. A key that is being worked on runs again after. */
  schedule(key: string, kind: string, runAt: number): Promise<void>;
  /** Takes up to `limit` due items for `leaseMs`, in the name of `owner`. */
  claim(owner: string, now: number, leaseMs: number, limit: number): Promise<readonly WorkItem[]>;
  /**
   * Ends the leases of an owner's earlier life, so that nobody waits for them. Only for an owner that is known to live
   * once: the holder of its data folder's lock.
   */
  free(owner: string): Promise<void>;
  /** Ends a claim: `runAt` to come again, undefined when done. False when the lease was lost. */
  finish(item: WorkItem, runAt: number | undefined, failed: boolean): Promise<boolean>;
  /** Keeps leases of items still worked on. False when the lease was lost. */
  extend(item: WorkItem, until: number): Promise<boolean>;
  /** When the next item is due or its lease ends, in ms. */
  nextAt(): Promise<number | undefined>;
}
export interface Events {
  append(event: NewEvent): Promise<SluiceEvent>;
  /** Events after a sequence number, oldest first. */
  after(seq: number, limit: number): Promise<readonly SluiceEvent[]>;
  /** Newest first, before `seq` where given, filtered by equality. */
  before(
    seq: number | undefined,
    limit: number,
    filter?: { promotion?: string; environment?: string; workload?: string },
  ): Promise<readonly SluiceEvent[]>;
  last(): Promise<number>;
}
export interface Promotions {
  insert(promotion: Promotion, releases: readonly Release[]): Promise<void>;
  get(id: string): Promise<Promotion | undefined>;
  update(promotion: Promotion): Promise<void>;
  /** The newest promotion that takes this one back. */
  reverting(id: string): Promise<Promotion | undefined>;
  /** Newest first, created before the cursor's promotion. */
  list(options: { limit: number; before?: string; underWay?: boolean }): Promise<readonly Promotion[]>;
  release(id: string): Promise<Release | undefined>;
  releases(promotion: string): Promise<readonly Release[]>;
  /** Releases not ended, of one environment or of all. */
  active(environment?: string): Promise<readonly Release[]>;
  /** Newest releases to an environment, ended or not. */
  recent(environment: string, limit: number): Promise<readonly Release[]>;
  /** Writes the release when its stored revision is `release.revision`, and raises it; false when another was faster. */
  save(release: Release): Promise<boolean>;
}
export interface Changes {
  insert(change: PolicyChange): Promise<void>;
  get(id: string): Promise<PolicyChange | undefined>;
  /** Newest first, of one environment or of all, created before the cursor's change. */
  list(options: { limit: number; environment?: string; before?: string }): Promise<readonly PolicyChange[]>;
  /** Writes the change when its stored revision is `change.revision`, and raises it; false when another was faster. */
  save(change: PolicyChange): Promise<boolean>;
}
/** A version that was synced, healthy for the settle time and through its after-gates in an environment. */
export interface Verification extends ContainerKey {
  readonly environment: string;
  readonly image: string;
  readonly version: Version;
  readonly commit: string;
  readonly at: number;
}
export interface Verifications {
  put(verification: Verification): Promise<void>;
  /** Latest of each container of the environments. */
  latest(environments: readonly string[]): Promise<readonly Verification[]>;
}
export interface Images {
  put(images: readonly CatalogueImage[]): Promise<void>;
  remove(name: string, tags: readonly string[]): Promise<void>;
  all(): Promise<readonly CatalogueImage[]>;
}
export interface Holds {
  /** Holds read from the commits of one repository's branch, and the commit up to which it was read. */
  get(
    repository: string,
    branch: string,
  ): Promise<{ readTo?: string; holds: readonly Hold[]; prunes: readonly string[] }>;
  put(
    repository: string,
    branch: string,
    value: { readTo: string; holds: readonly Hold[]; prunes: readonly string[] },
  ): Promise<void>;
}
export interface Reports {
  put(report: EnvironmentReport): Promise<void>;
  all(): Promise<readonly EnvironmentReport[]>;
}
export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly kind: "person" | "agent";
  /** Environments an agent may report for; empty for people. */
  readonly environments: readonly string[];
  readonly hash: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
}
export interface Tokens {
  insert(token: TokenRecord): Promise<void>;
  list(): Promise<readonly TokenRecord[]>;
  byHash(hash: string): Promise<TokenRecord | undefined>;
  /** False when there is none. */
  remove(id: string): Promise<boolean>;
  used(id: string, at: number): Promise<void>;
}
/** Small values by key: last good documents, marks. */
export interface Values {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
}
export interface StoreGroups {
  readonly work: Work;
  readonly events: Events;
  readonly promotions: Promotions;
  readonly changes: Changes;
  readonly verifications: Verifications;
  readonly images: Images;
  readonly holds: Holds;
  readonly reports: Reports;
  readonly tokens: Tokens;
  readonly values: Values;
}
/** Durable state. What a transaction wrote is on disk when it resolves. */
export interface Store extends StoreGroups {
  /** All or nothing; the groups given belong to the transaction. */
  transaction<T>(body: (groups: StoreGroups) => Promise<T>): Promise<T>;
  /** Calls back after a transaction committed new events or due work. Answers how to stop. */
  onChange(listener: (change: { events: readonly SluiceEvent[]; work: boolean }) => void): () => void;
  close(): Promise<void>;
}
