/** One version of an image in the world's past. */
export interface PastBuild {
  readonly tag: string;
  /** Hours before the world starts. */
  readonly hoursAgo: number;
  /** Subject of the commit it was built from. */
  readonly message: string;
  /** VERSION from this commit on, where it changes. */
  readonly version?: string;
}
/** An image with what it was built from. `path` names the source repository and the image in the registry alike. */
export interface ServiceSeed {
  readonly path: string;
  /** What its VERSION says: how CI numbers builds. */
  readonly version: string;
  /** What it is, for the README of its repository. */
  readonly about: string;
  /** Oldest first. */
  readonly builds: readonly PastBuild[];
}
/** What a trial world starts with. */
export interface WorldSeed {
  /** Name of the pipeline. */
  readonly name: string;
  readonly namespaces: readonly string[];
  /** Registry hosts that images of the manifests name. */
  readonly hosts: readonly string[];
  /** Manifests of each environment, by path below its folder. */
  readonly environments: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly services: readonly ServiceSeed[];
}

/** The configuration repository of every trial, known before anything of it runs. */
export const configurationPath = "trial/config";

/** The trial's environments, each a cluster of its own. */
export const environmentNames = ["dev", "stage-eu", "stage-us", "prod-eu", "prod-us"] as const;

/** The people whose commits the world's past is made of. */
export const people = [
  { name: "Ana Torres", email: "ana@shop.example" },
  { name: "Ben Okafor", email: "ben@shop.example" },
  { name: "Chiyo Sato", email: "chiyo@shop.example" },
] as const;
