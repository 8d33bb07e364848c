/** What is known of one tag of an image repository. */
export interface CatalogueImage {
  /** Canonical `host/path`. */
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
  /** Build time in ms: `org.opencontainers.image.created`, else the configuration's `created`. */
  readonly createdAt?: number;
  /** When we first saw the tag at this digest. */
  readonly seenAt: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a registry holds of one repository, as of the last scan that worked. */
export interface CatalogueRepository {
  readonly name: string;
  readonly images: readonly CatalogueImage[];
  readonly scannedAt?: number;
  /** Why the last scan failed; images are then those of the last good one. */
  readonly problem?: string;
  /** Tags that could not be read, each with its reason. */
  readonly badTags: Readonly<Record<string, string>>;
  /** Present while the tag list has lost so much at once that it may not be whole; see `Catalogue`. */
  readonly suspect?: SuspectTags;
}
/** A tag list that shrank at once: when it was first seen, how many tags there were and how many of them are left. */
export interface SuspectTags {
  readonly since: number;
  readonly had: number;
  readonly has: number;
}
export const labelSource = "org.opencontainers.image.source";
export const labelRevision = "org.opencontainers.image.revision";
export const labelVersion = "org.opencontainers.image.version";
export const labelCreated = "org.opencontainers.image.created";
