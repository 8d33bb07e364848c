import type { CatalogueRepository } from "../model/catalogue.ts";
import { labelRevision } from "../model/catalogue.ts";
import { type ImageRef, imageName, showVersion, type Version } from "../model/image.ts";
import type { PlanItem } from "../model/plan.ts";
import { type Source, showPlace } from "../model/source.ts";
import { type Candidate, nothingKnown } from "./candidates.ts";
import { findImage, taggedImage } from "./order.ts";

/** Where versions come from and go to, for the words of a refusal. */
interface Offering {
  readonly environment: string;
  readonly source: Source;
}

/** What the catalogue knows of the version a container would get. */
export function facts(
  repository: CatalogueRepository | undefined,
  version: Version,
): Pick<PlanItem, "builtAt" | "revision"> {
  const image = findImage(repository, version);
  const revision = image?.labels[labelRevision];
  return {
    ...(image?.createdAt === undefined ? {} : { builtAt: image.createdAt }),
    ...(revision === undefined ? {} : { revision }),
  };
}

/** A version verified under another image name is carried over when the target's own repository has that tag. */
export function ownVersion(
  input: Offering,
  candidate: Candidate,
  ref: ImageRef,
  repository: CatalogueRepository | undefined,
): Candidate {
  const own = imageName(ref);
  if (!candidate.found || candidate.name === undefined || candidate.name === own) return candidate;
  const { tag } = candidate.version;
  const image = tag === "" ? undefined : taggedImage(repository, tag);
  const { name: _, verified: __, ...rest } = candidate;
  if (image !== undefined) return { ...rest, version: { tag, digest: image.digest } };
  return {
    found: false,
    status: "refused",
    reason: "other_image",
    text: `${showPlace(input.source)} runs ${candidate.name} where ${input.environment} runs ${own}, and ${own} has no ${showVersion(candidate.version)}`,
    version: candidate.version,
    who: `whoever pushes that tag to ${own}`,
  };
}

/** A tag that has another digest now than the one that was verified would bring something nobody has tried. */
export function movedTag(
  version: Version,
  repository: CatalogueRepository | undefined,
): Pick<PlanItem, "status" | "reason" | "text" | "who"> | undefined {
  const now = taggedImage(repository, version.tag)?.digest;
  if (now === undefined || version.digest === undefined || now === version.digest) return undefined;
  return {
    status: "refused",
    reason: "tag_moved",
    text: `${version.tag} was moved since it was verified: it was ${short(version.digest)} and is ${short(now)} now`,
    who: "whoever pushes a tag of its own, or writes the image with its digest",
  };
}

function short(digest: string): string {
  return showVersion({ tag: "", digest });
}

/** A tag asked for by name of a stage or environment must be the one it offers: the commit says it came from there. */
export function onlyTag(input: Offering, candidate: Candidate, tag: string | undefined): Candidate {
  if (tag === undefined || !candidate.found || candidate.version.tag === tag) return candidate;
  const place = showPlace(input.source);
  return {
    found: false,
    status: "refused",
    reason: "not_verified",
    text: `${place} offers ${showVersion(candidate.version)}, not ${tag}`,
    version: { tag },
    who: "whoever takes that tag from the registry instead",
  };
}

/** A tag of the registry that somebody asked for by name, and perhaps by the digest it must have. */
export function namedTag(
  { tag, digest }: Version,
  repository: CatalogueRepository | undefined,
  name: string,
): Candidate {
  const image = taggedImage(repository, tag);
  if (image !== undefined && (digest === undefined || digest === image.digest))
    return { found: true, version: { tag, digest: image.digest } };
  if (image !== undefined && digest !== undefined)
    return {
      found: false,
      status: "refused",
      reason: "tag_moved",
      text: `${name}:${tag} is ${short(image.digest)} and not ${short(digest)}`,
      version: { tag, digest },
      who: "whoever names the digest that the tag has now",
    };
  const missing = { found: false, reason: "no_image_data", version: { tag } } as const;
  if (repository === undefined || (repository.images.length === 0 && repository.scannedAt === undefined))
    return {
      ...missing,
      status: "waiting",
      text: nothingKnown(repository, name),
    };
  const bad = Object.hasOwn(repository.badTags, tag) ? repository.badTags[tag] : undefined;
  return {
    ...missing,
    status: "refused",
    text: bad === undefined ? `the registry has no ${name}:${tag}` : `${name}:${tag} cannot be read: ${bad}`,
    who: "whoever pushes that image",
  };
}
