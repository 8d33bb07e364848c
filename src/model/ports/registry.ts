export interface ImageMetadata {
  readonly digest: string;
  readonly createdAt?: number;
  readonly labels: Readonly<Record<string, string>>;
}
/** Reads OCI registries; every call throws `registry_failed` with the host's own words. */
export interface RegistryClient {
  /** All tags of the canonical `host/path`. */
  tags(name: string): Promise<readonly string[]>;
  /** Digest of a tag without its contents: one HEAD. */
  digest(name: string, tag: string): Promise<string>;
  /** Digest, build time and labels of a tag or digest; of an index, those of its first platform image. */
  metadata(name: string, reference: string): Promise<ImageMetadata>;
}
