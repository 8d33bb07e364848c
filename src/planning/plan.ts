import type { CatalogueRepository } from "../model/catalogue.ts";
import { labelRevision } from "../model/catalogue.ts";
import type { FileProblem } from "../model/documents.ts";
import {
  type ImageRef,
  imageName,
  parseImage,
  sameVersion,
  showVersion,
  type Version,
  versionOf,
  withVersion,
} from "../model/image.ts";
import type { Plan, PlanItem } from "../model/plan.ts";
import type { Hold } from "../model/release.ts";
import { type Source, showPlace } from "../model/source.ts";
import { type ContainerImage, containerKey, type Workload } from "../model/workload.ts";
import { type Candidate, filterOf } from "./candidates.ts";
import { countNewer, findImage } from "./order.ts";
import { ruleOfIgnore, ruleOn } from "./rules.ts";

export { isHeld } from "./rules.ts";

/** A workload, or one container of it, somebody chose; with a tag when they chose that too. */
export interface Selection {
  readonly workload: string;
  readonly container?: string | undefined;
  readonly tag?: string | undefined;
}
export interface PlanInput {
  readonly environment: string;
  readonly commit: string;
  readonly source: Source;
  readonly workloads: readonly Workload[];
  /** Files of the environment that cannot be read: what is missing may stand there. */
  readonly problems?: readonly FileProblem[];
  /** Undefined means all. A container named by itself goes before its workload. */
  readonly selection?: readonly Selection[] | undefined;
  readonly candidate: (workload: Workload, slot: ContainerImage) => Candidate;
  readonly repository: (name: string) => CatalogueRepository | undefined;
  readonly holds: readonly Hold[];
  /** Containers that a release under way is changing, by key: its id. */
  readonly underWay: ReadonlyMap<string, string>;
  /** Automation never goes back, obeys holds and waits for releases under way; a person may decide otherwise. */
  readonly automatic: boolean;
}

/** Decides for every chosen container whether it moves, where to, and if not, why: exactly one item for each. */
export function makePlan(input: PlanInput): Plan {
  const items: PlanItem[] = [];
  for (const workload of input.workloads)
    for (const slot of workload.containers) {
      const chosen = selected(input.selection, workload, slot);
      if (chosen !== undefined) items.push(planSlot(input, workload, slot, chosen));
    }
  const missing = (input.selection ?? []).filter((wanted) => !isThere(input.workloads, wanted));
  const once = new Map(missing.map((wanted) => [`${wanted.workload}#${wanted.container ?? ""}`, wanted]));
  for (const wanted of once.values()) items.push(absent(input, wanted));
  return { environment: input.environment, commit: input.commit, source: input.source, items };
}

function selected(
  selection: readonly Selection[] | undefined,
  workload: Workload,
  slot: ContainerImage,
): Selection | undefined {
  if (selection === undefined) return { workload: workload.id };
  const mine = selection.filter((entry) => entry.workload === workload.id);
  return (
    mine.find((entry) => entry.container === slot.container) ?? mine.find((entry) => entry.container === undefined)
  );
}

function isThere(workloads: readonly Workload[], wanted: Selection): boolean {
  const workload = workloads.find((entry) => entry.id === wanted.workload);
  return (
    workload?.containers.some((slot) => wanted.container === undefined || slot.container === wanted.container) ?? false
  );
}

function absent(input: PlanInput, wanted: Selection): PlanItem {
  const what = wanted.container === undefined ? wanted.workload : `${wanted.workload} container ${wanted.container}`;
  const item = { workload: wanted.workload, container: wanted.container ?? "", status: "absent" } as const;
  const broken = input.workloads.some((workload) => workload.id === wanted.workload) ? [] : (input.problems ?? []);
  if (broken.length === 0)
    return {
      ...item,
      reason: "not_in_target",
      text: `${what} is not in ${input.environment}; add its manifest to that environment first`,
    };
  const files = broken.map(
    ({ file, line, message }) => `${file}${line === undefined ? "" : ` line ${line}`}: ${message}`,
  );
  const more = files.length > 3 ? ` and ${files.length - 3} more` : "";
  return {
    ...item,
    reason: "file_broken",
    text: `${what} is not in ${input.environment}, or stands in a file that cannot be read (${files.slice(0, 3).join("; ")}${more})`,
    who: "whoever corrects that file",
  };
}

function planSlot(input: PlanInput, workload: Workload, slot: ContainerImage, chosen: Selection): PlanItem {
  const key = { workload: workload.id, container: slot.container };
  const base = { ...key, from: slot.image, file: workload.file };
  const ref = parseImage(slot.image);
  if (ref === undefined)
    return {
      ...base,
      status: "refused",
      reason: "not_an_image",
      text: `"${slot.image}" is no image reference (${workload.file} line ${workload.line})`,
      who: "whoever corrects that file",
    };
  const repository = input.repository(imageName(ref));
  const current = versionOf(ref);
  const filtered = filterOf(workload, slot.container);
  const behind = "filter" in filtered ? countNewer(repository, filtered.filter, current) : undefined;
  const known = { ...base, fromVersion: current, ...(behind === undefined ? {} : { behind }) };
  const ignored = ruleOfIgnore(workload);
  if (ignored !== undefined) return { ...known, ...ignored };
  const offered =
    chosen.tag === undefined || input.source.kind !== "registry"
      ? onlyTag(input, input.candidate(workload, slot), chosen.tag)
      : namedTag(chosen.tag, repository, ref.path);
  const candidate = ownVersion(input, offered, ref, repository);
  if (!candidate.found) {
    const { found: _, version, ...rest } = candidate;
    return { ...known, ...rest, ...(version === undefined ? {} : { toVersion: version }) };
  }
  const { version, pending } = candidate;
  const to = withVersion(ref, version);
  const target = { ...known, toVersion: version, ...(to === undefined ? {} : { to }), ...facts(repository, version) };
  if (sameVersion(current, version))
    return pending === undefined
      ? { ...target, status: "same", reason: "up_to_date", text: `already at ${showVersion(current)}` }
      : { ...known, toVersion: pending.version, status: "waiting", reason: "not_verified", text: pending.text };
  const moved = candidate.verified && ref.digest === undefined ? movedTag(version, repository) : undefined;
  if (moved !== undefined) return { ...target, ...moved };
  if (to === undefined)
    return {
      ...target,
      status: "waiting",
      reason: "needs_digest",
      text: "this reference has a digest, and that of the new tag is not known yet",
    };
  const ruling = ruleOn({
    workload,
    current,
    version,
    filtered,
    repository,
    holds: input.holds.filter((hold) => containerKey(hold) === containerKey(key)),
    underWay: input.underWay.get(containerKey(key)),
    automatic: input.automatic,
  });
  return { ...target, ...ruling };
}

/** What the catalogue knows of the version a container would get. */
function facts(repository: CatalogueRepository | undefined, version: Version): Pick<PlanItem, "builtAt" | "revision"> {
  const image = findImage(repository, version);
  const revision = image?.labels[labelRevision];
  return {
    ...(image?.createdAt === undefined ? {} : { builtAt: image.createdAt }),
    ...(revision === undefined ? {} : { revision }),
  };
}

/** A version verified under another image name is carried over when the target's own repository has that tag. */
function ownVersion(
  input: PlanInput,
  candidate: Candidate,
  ref: ImageRef,
  repository: CatalogueRepository | undefined,
): Candidate {
  const own = imageName(ref);
  if (!candidate.found || candidate.name === undefined || candidate.name === own) return candidate;
  const { tag } = candidate.version;
  const image = tag === "" ? undefined : repository?.images.find((entry) => entry.tag === tag);
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
function movedTag(
  version: Version,
  repository: CatalogueRepository | undefined,
): Pick<PlanItem, "status" | "reason" | "text" | "who"> | undefined {
  const now = repository?.images.find((image) => image.tag === version.tag)?.digest;
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
function onlyTag(input: PlanInput, candidate: Candidate, tag: string | undefined): Candidate {
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

/** A tag of the registry that somebody asked for by name. */
function namedTag(tag: string, repository: CatalogueRepository | undefined, name: string): Candidate {
  const image = repository?.images.find((entry) => entry.tag === tag);
  if (image !== undefined) return { found: true, version: { tag, digest: image.digest } };
  const missing = { found: false, reason: "no_image_data", version: { tag } } as const;
  if (repository === undefined || (repository.images.length === 0 && repository.scannedAt === undefined))
    return {
      ...missing,
      status: "waiting",
      text: repository?.problem ?? `nothing is known of ${name} yet; the registry is being read`,
    };
  const bad = Object.hasOwn(repository.badTags, tag) ? repository.badTags[tag] : undefined;
  return {
    ...missing,
    status: "refused",
    text: bad === undefined ? `the registry has no ${name}:${tag}` : `${name}:${tag} cannot be read: ${bad}`,
    who: "whoever pushes that image",
  };
}
