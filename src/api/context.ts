import type { Catalogue } from "../catalogue/catalogue.ts";
import type { PolicyChanges } from "../engine/policyChanges.ts";
import type { Promotions } from "../engine/promotions.ts";
import type { Hub } from "../hub/hub.ts";
import type { FluxPublicKey } from "../model/flux.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import type { Store } from "../model/ports/store.ts";
import type { Planner } from "../releasing/planner.ts";
import type { Writer } from "../releasing/writer.ts";
import type { Repositories } from "../repositories/repositories.ts";

/** What routes work with; `main` puts it together. */
export interface ApiContext {
  readonly version: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly repositories: Repositories;
  readonly catalogue: Catalogue;
  readonly planner: Planner;
  readonly promotions: Promotions;
  readonly policies: PolicyChanges;
  readonly writer: Writer;
  readonly hub: Hub;
  /** The key that Git hosts know this server by; undefined when it signs in by other means. */
  readonly publicKey: () => Promise<FluxPublicKey | undefined>;
  /** Whether Git was read and the engine works; until then nothing can be changed. */
  readonly isReady: () => boolean;
  /** Set in the trial world: no token is needed, and the panel's calls go to this address. */
  readonly trial: { readonly control: string } | undefined;
  /** Shared secret of registry notifications, where one is set. */
  readonly hookSecret: string | undefined;
  /** Set when others than this machine can reach us: without a secret no notification is taken then. */
  readonly hooksNeedSecret: boolean;
  /** Folder of the built page; undefined serves none. */
  readonly web: string | undefined;
}
