/**
 * The values of Flux v1's HTTP API as fluxctl 1.25 decodes them: upper-case names, dates as RFC 3339 in UTC. An image
 * that is not known is `{ ID: "", Labels: {} }`.
 */

export interface FluxImage {
  readonly ID: string;
  readonly Digest?: string;
  readonly ImageID?: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly CreatedAt?: string;
  readonly LastFetched?: string;
}
export interface FluxContainer {
  readonly Name: string;
  readonly Current: FluxImage;
  readonly LatestFiltered: FluxImage;
  readonly Available?: readonly FluxImage[];
  readonly AvailableError?: string;
  readonly AvailableImagesCount?: number;
  readonly NewAvailableImagesCount?: number;
  readonly FilteredImagesCount?: number;
  readonly NewFilteredImagesCount?: number;
}
export interface FluxRollout {
  readonly Desired: number;
  readonly Updated: number;
  readonly Ready: number;
  readonly Available: number;
  readonly Outdated: number;
  /** Null when all is well: fluxctl takes an empty list for trouble. */
  readonly Messages?: readonly string[] | null;
}
export interface FluxWorkload {
  readonly ID: string;
  readonly Containers: readonly FluxContainer[] | null;
  readonly ReadOnly: "" | "NotInRepo" | "System" | "NoRepo" | "NotReady" | "ReadOnlyMode";
  readonly Status: "started" | "updating" | "ready" | "error" | "unknown";
  readonly Rollout: FluxRollout;
  readonly SyncError: string;
  readonly Antecedent: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Automated: boolean;
  readonly Locked: boolean;
  readonly Ignore: boolean;
  readonly Policies: Readonly<Record<string, string>>;
}
export interface FluxImages {
  readonly ID: string;
  readonly Containers: readonly FluxContainer[] | null;
}

export type FluxUpdateStatus = "success" | "failed" | "skipped" | "ignored" | "unknown";
export interface FluxContainerUpdate {
  readonly Container: string;
  readonly Current: string;
  readonly Target: string;
}
/** What became of one workload in a release or policy change. `Error` is Flux's reason, word for word. */
export interface FluxWorkloadResult {
  readonly Status: FluxUpdateStatus;
  readonly Error?: string;
  readonly PerContainer?: readonly FluxContainerUpdate[] | null;
}
/** By workload id. */
export type FluxResult = Readonly<Record<string, FluxWorkloadResult>>;
export interface FluxJob {
  readonly Result?: { readonly revision?: string; readonly result?: FluxResult } | null;
  readonly Err: string;
  readonly StatusString: "queued" | "running" | "succeeded" | "failed";
}

/** An error: whose fault it is, what fluxctl prints, and the message alone. */
export interface FluxError {
  readonly type: "server" | "missing" | "user";
  readonly help: string;
  readonly error: string;
}
export interface FluxPublicKey {
  /** One line of an authorized_keys file, with its newline. */
  readonly key: string;
  readonly fingerprints: Readonly<Record<"md5" | "sha256", { readonly hash: string; readonly randomart: string }>>;
}
/** Where an environment is read from. `errors` is one text in spite of its name. */
export interface FluxGitConfig {
  readonly remote: { readonly url: string; readonly branch: string; readonly path: string };
  readonly publicSSHKey: FluxPublicKey;
  readonly status: "unconfigured" | "new" | "cloned" | "ready" | "unreachable";
  readonly errors: string;
}
