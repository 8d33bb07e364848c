import type { CatalogueImage, CatalogueRepository } from "../model/catalogue.ts";
import { imageName, parseImage, sameVersion, showVersion, type Version, versionOf } from "../model/image.ts";
import type { PlanReason, PlanStatus } from "../model/plan.ts";
import type { Verification } from "../model/ports/store.ts";
import type { Verdict } from "../model/verdict.ts";
import type { ContainerImage, ContainerKey, Workload } from "../model/workload.ts";
import { anyTag, parseFilter, type TagFilter } from "../policies/filter.ts";
import { readVersion } from "../policies/order.ts";
import { allowedImages } from "./order.ts";
import { tagsMissing, unreadTag } from "./suspect.ts";

/** What a source offers for one container. */
export type Candidate =
  | {
      readonly found: true;
      readonly version: Version;
      /** Canonical name of the image it is a version of, where that is not the target's own. */
      readonly name?: string;
      /** Whether it must be exactly this digest: what was verified, where a tag could have moved since. */
      readonly verified?: true;
      /** A still newer version of the source that cannot be had yet, and why. */
      readonly pending?: { readonly version: Version; readonly text: string };
      /** What is to be said besides: a newer tag that cannot be read. */
      readonly note?: string;
    }
  | {
      readonly found: false;
      readonly status: Exclude<PlanStatus, "change" | "same">;
      readonly reason: PlanReason;
      readonly text: string;
      readonly version?: Version;
      readonly who?: string;
    };

/** The filter of a container; a bad one is told, never taken for "everything". */
export function filterOf(workload: Workload, container: string): { filter: TagFilter } | { problem: string } {
  const { tags } = workload.policy;
  if (!Object.hasOwn(tags, container)) return { filter: anyTag };
  const result = parseFilter(tags[container]!);
  return result.ok
    ? { filter: result.filter }
    : { problem: `the tag filter of ${container} in ${workload.file}: ${result.reason}` };
}

/** The newest image of the registry that the container's filter allows. */
export function fromRegistry(
  workload: Workload,
  slot: ContainerImage,
  repository: CatalogueRepository | undefined,
): Candidate {
  const filtered = filterOf(workload, slot.container);
  if ("problem" in filtered)
    return {
      found: false,
      status: "refused",
      reason: "filtered",
      text: filtered.problem,
      who: "whoever edits that file",
    };
  const name = parseImage(slot.image)?.path ?? slot.image;
  if (repository === undefined || repository.images.length === 0)
    return repository?.suspect === undefined
      ? { found: false, status: "waiting", reason: "no_image_data", text: nothingKnown(repository, name) }
      : { found: false, status: "waiting", reason: "tags_missing", ...tagsMissing(repository.suspect) };
  const allowed = allowedImages(repository, filtered.filter);
  const newest = filtered.filter.byTime ? newestBuild(allowed) : allowed[0];
  const note = unreadTag(repository, filtered.filter, newest === "unknown" ? undefined : newest?.tag);
  if (newest === undefined)
    return {
      found: false,
      status: "refused",
      reason: "filtered",
      text: `no tag of ${name} passes ${filtered.filter.written}${note === undefined ? "" : `; ${note}`}`,
      who: "whoever edits the tag filter",
    };
  if (newest === "unknown")
    return {
      found: false,
      status: "refused",
      reason: "no_image_data",
      text: `the images of ${name} do not tell when they were built, so none is the newest`,
      who: "whoever writes a semver: filter or names a tag",
    };
  const version = { tag: newest.tag, digest: newest.digest };
  return { found: true, version, ...(note === undefined ? {} : { note }) };
}

/** Why nothing is known of a repository's images. */
export function nothingKnown(repository: CatalogueRepository | undefined, name: string): string {
  return repository?.problem ?? `nothing is known of ${name} yet; the registry is being read`;
}

/**
 * The newest of images that order by build time. Builders that set every build to the same instant leave only version
 * numbers to tell; where there are none either, or no times at all, the newest is unknown.
 */
function newestBuild(sorted: readonly CatalogueImage[]): CatalogueImage | "unknown" | undefined {
  const first = sorted[0];
  if (first === undefined) return undefined;
  if (first.createdAt === undefined) return "unknown";
  const end = sorted.findIndex((image) => image.createdAt !== first.createdAt);
  const tied = end < 0 ? sorted : sorted.slice(0, end);
  if (tied.every((image) => image.digest === first.digest)) return first;
  if (tied.some((image) => readVersion(image.tag) === undefined)) return "unknown";
  return tied.reduce((best, image) => (readVersion(image.tag)!.compare(readVersion(best.tag)!) > 0 ? image : best));
}

/** One environment of a source: its workloads as Git has them, what was verified there, and how things stand. */
export interface SourceEnvironment {
  readonly environment: string;
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly verifications: ReadonlyMap<string, Verification>;
  readonly verdictOf: (workload: string) => Pick<Verdict, "state" | "message"> | undefined;
}

/** The version verified in every environment of a source; what is on its way there is told as pending. */
export function fromEnvironments(
  key: ContainerKey,
  keyText: string,
  sources: readonly SourceEnvironment[],
  place: string,
): Candidate {
  const present = sources.filter((source) => slotOf(source, key) !== undefined);
  if (present.length === 0)
    return {
      found: false,
      status: "absent",
      reason: "not_in_source",
      text: `${key.workload} has no container ${key.container} in ${place}`,
    };
  const pending = present.map((source) => pendingIn(source, key, keyText)).find((entry) => entry !== undefined);
  const verified = present.map((source) => source.verifications.get(keyText));
  if (verified.some((entry) => entry === undefined))
    return {
      found: false,
      status: "waiting",
      reason: "not_verified",
      text: pending?.text ?? `not verified in ${place} yet`,
      ...(pending === undefined ? {} : { version: pending.version }),
    };
  const versions = verified.map((entry) => entry!.version);
  const first = versions[0]!;
  if (versions.some((version) => !sameVersion(version, first))) {
    const list = present.map((source, index) => `${source.environment} ${showVersion(versions[index]!)}`).join(", ");
    return {
      found: false,
      status: "waiting",
      reason: "not_verified",
      text: pending?.text ?? `not the same everywhere in ${place}: ${list}`,
    };
  }
  const names = new Set(verified.map((entry) => parsedName(entry!.image)));
  const name = names.size === 1 ? [...names][0] : undefined;
  return {
    found: true,
    version: first,
    verified: true,
    ...(name === undefined ? {} : { name }),
    ...(pending === undefined ? {} : { pending }),
  };
}

function slotOf(source: SourceEnvironment, key: ContainerKey): ContainerImage | undefined {
  return source.workloads.get(key.workload)?.containers.find((slot) => slot.container === key.container);
}

/** The version Git names in a source that is not verified there, with what the cluster says of it. */
function pendingIn(
  source: SourceEnvironment,
  key: ContainerKey,
  keyText: string,
): { version: Version; text: string } | undefined {
  const ref = parseImage(slotOf(source, key)!.image);
  if (ref === undefined) return undefined;
  const version = versionOf(ref);
  const verified = source.verifications.get(keyText);
  if (verified !== undefined && sameVersion(verified.version, version) && parsedName(verified.image) === imageName(ref))
    return undefined;
  const verdict = source.verdictOf(key.workload);
  const how =
    verdict === undefined
      ? "its agent has not reported"
      : verdict.state === "failed"
        ? `failed: ${verdict.message}`
        : `${verdict.state}: ${verdict.message}`;
  return { version, text: `${showVersion(version)} is not verified in ${source.environment}; ${how}` };
}

function parsedName(image: string): string | undefined {
  const ref = parseImage(image);
  return ref && imageName(ref);
}
