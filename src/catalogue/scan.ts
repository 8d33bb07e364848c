import pLimit from "p-limit";
import { messageOf, SluiceError } from "../errors.ts";
import type { CatalogueImage, CatalogueRepository } from "../model/catalogue.ts";
import type { RegistryClient } from "../model/ports/registry.ts";

export interface Scan {
  readonly repository: CatalogueRepository;
  /** A poll also looks at some known tags in turn; a notification only at what it named. */
  readonly cause: "poll" | "told";
  readonly told: ReadonlySet<string>;
  readonly used: ReadonlySet<string>;
  readonly turn: number;
  readonly now: () => number;
}
export interface ScanResult {
  /** All tags there are; undefined when the list could not be read. */
  readonly tags: readonly string[] | undefined;
  /** Images that are new or moved. */
  readonly fresh: readonly CatalogueImage[];
  readonly badTags: Readonly<Record<string, string>>;
  readonly turn: number;
  /** The registry asked to be left alone for so long. */
  readonly restMs?: number;
  /** Why the scan is not whole. */
  readonly problem?: string;
}
/** Known tags that a poll looks at beside those in use: a repository of 1,000 tags is round in 50 polls. */
const perPoll = 20;
const parallel = 8;
const restBounds = { least: 1_000, usual: 30_000, most: 3_600_000 };

/** Looks at one repository. Failures are part of the answer; it never throws. */
export async function scanRepository(registry: RegistryClient, scan: Scan): Promise<ScanResult> {
  const { repository, turn } = scan;
  const { name } = repository;
  const known = new Map(repository.images.map((image) => [image.tag, image]));
  let tags: readonly string[];
  try {
    tags = await registry.tags(name);
  } catch (error) {
    return { tags: undefined, fresh: [], badTags: repository.badTags, turn, problem: messageOf(error), ...rest(error) };
  }
  const fresh: CatalogueImage[] = [];
  const badTags: Record<string, string> = {};
  let stopped: { restMs: number; problem: string } | undefined;
  const limit = pLimit(parallel);
  const look = lookAt(scan, tags, known);
  await Promise.all(
    look.map((tag) =>
      limit(async () => {
        if (stopped !== undefined) return;
        try {
          const image = await readTag(registry, name, tag, known.get(tag), scan.now);
          if (image !== undefined) fresh.push(image);
        } catch (error) {
          const { restMs } = rest(error);
          if (restMs === undefined) badTags[tag] = messageOf(error);
          else stopped = { restMs, problem: messageOf(error) };
        }
      }),
    ),
  );
  return {
    // Tags that could not be looked at yet stay unknown, so that the next scan takes them for new.
    tags,
    fresh,
    badTags,
    turn: scan.cause === "poll" && stopped === undefined ? turn + perPoll : turn,
    ...stopped,
  };
}

function lookAt(scan: Scan, tags: readonly string[], known: ReadonlyMap<string, CatalogueImage>): string[] {
  const chosen = new Set(tags.filter((tag) => !known.has(tag) || scan.told.has(tag)));
  if (scan.cause === "poll") {
    const others = tags.filter((tag) => known.has(tag)).sort();
    for (const tag of others) if (scan.used.has(tag)) chosen.add(tag);
    for (let step = 0; step < Math.min(perPoll, others.length); step++)
      chosen.add(others[(scan.turn + step) % others.length]!);
  }
  return [...chosen];
}

/** The image of a tag; undefined when it is the one we know. */
async function readTag(
  registry: RegistryClient,
  name: string,
  tag: string,
  old: CatalogueImage | undefined,
  now: () => number,
): Promise<CatalogueImage | undefined> {
  const digest = old === undefined ? undefined : await registry.digest(name, tag);
  if (old !== undefined && old.digest === digest) return undefined;
  const metadata = await registry.metadata(name, digest ?? tag);
  return {
    name,
    tag,
    digest: metadata.digest,
    labels: metadata.labels,
    seenAt: now(),
    ...(metadata.createdAt === undefined ? {} : { createdAt: metadata.createdAt }),
  };
}

/** How long a registry wants to be left alone, where that is what an error says. */
function rest(error: unknown): { restMs?: number } {
  if (!(error instanceof SluiceError)) return {};
  const { status, retryAfterMs } = error.facts;
  if (status !== 429 && !(status === 503 && typeof retryAfterMs === "number")) return {};
  const asked = typeof retryAfterMs === "number" ? retryAfterMs : restBounds.usual;
  return { restMs: Math.min(restBounds.most, Math.max(restBounds.least, asked)) };
}
