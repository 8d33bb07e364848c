import type { CatalogueRepository } from "../model/catalogue.ts";
import { labelRevision } from "../model/catalogue.ts";
import {
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
import type { Source } from "../model/source.ts";
import { type ContainerImage, containerKey, type Workload } from "../model/workload.ts";
import { type Candidate, filterOf } from "./candidates.ts";
import { compareVersions, countNewer, findImage } from "./order.ts";

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
  /** Undefined means all. */
  readonly selection?: readonly Selection[] | undefined;
  readonly candidate: (workload: Workload, slot: ContainerImage) => Candidate;
  readonly repository: (name: string) => CatalogueRepository | undefined;
  readonly holds: readonly Hold[];
  /** Containers that a release under way is changing, by key: its id. */
  readonly underWay: ReadonlyMap<string, string>;
  /** Automation never goes back, obeys holds and waits for releases under way; a person may decide otherwise. */
  readonly automatic: boolean;
}

/** Decides for every chosen container whether it moves, where to, and if not, why. */
export function makePlan(input: PlanInput): Plan {
  const items: PlanItem[] = [];
  for (const workload of input.workloads)
    for (const slot of workload.containers) {
      const chosen = selected(input.selection, workload, slot);
      if (chosen !== undefined) items.push(planSlot(input, workload, slot, chosen));
    }
  for (const wanted of input.selection ?? []) if (!isThere(input.workloads, wanted)) items.push(absent(input, wanted));
  return { environment: input.environment, commit: input.commit, source: input.source, items };
}

function selected(
  selection: readonly Selection[] | undefined,
  workload: Workload,
  slot: ContainerImage,
): Selection | undefined {
  if (selection === undefined) return { workload: workload.id };
  return selection.find(
    (entry) => entry.workload === workload.id && (entry.container === undefined || entry.container === slot.container),
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
  return {
    workload: wanted.workload,
    container: wanted.container ?? "",
    status: "absent",
    reason: "not_in_target",
    text: `${what} is not in ${input.environment}; add its manifest to that environment first`,
  };
}

function planSlot(input: PlanInput, workload: Workload, slot: ContainerImage, chosen: Selection): PlanItem {
  const base = { workload: workload.id, container: slot.container, from: slot.image, file: workload.file };
  const ref = parseImage(slot.image);
  if (ref === undefined)
    return { ...base, status: "refused", reason: "not_an_image", text: `"${slot.image}" is no image reference` };
  const repository = input.repository(imageName(ref));
  const current = versionOf(ref);
  const filtered = filterOf(workload, slot.container);
  const behind = "filter" in filtered ? countNewer(repository, filtered.filter, current) : undefined;
  const known = { ...base, fromVersion: current, ...(behind === undefined ? {} : { behind }) };
  const { ignored } = workload.policy;
  if (ignored) return { ...known, status: "refused", reason: "ignored", text: `${workload.file} says to ignore it` };
  const candidate =
    chosen.tag === undefined ? input.candidate(workload, slot) : namedTag(chosen.tag, repository, ref.path);
  if (!candidate.found) {
    const { found: _, version, ...rest } = candidate;
    return { ...known, ...rest, ...(version === undefined ? {} : { toVersion: version }) };
  }
  const to = withVersion(ref, candidate.version);
  const image = findImage(repository, candidate.version);
  const target = {
    ...known,
    toVersion: candidate.version,
    ...(to === undefined ? {} : { to }),
    ...(image?.createdAt === undefined ? {} : { builtAt: image.createdAt }),
    ...(image?.labels[labelRevision] === undefined ? {} : { revision: image.labels[labelRevision] }),
  };
  if (sameVersion(current, candidate.version)) {
    if (candidate.pending !== undefined)
      return {
        ...known,
        toVersion: candidate.pending.version,
        status: "waiting",
        reason: "not_verified",
        text: candidate.pending.text,
      };
    return { ...target, status: "same", reason: "up_to_date", text: `already at ${showVersion(current)}` };
  }
  if (to === undefined)
    return {
      ...target,
      status: "waiting",
      reason: "needs_digest",
      text: "this reference has a digest, and that of the new tag is not known yet",
    };
  return judge(input, workload, slot, target, candidate.version, current, repository);
}

/** Rules that keep a possible change away, the hardest first. */
function judge(
  input: PlanInput,
  workload: Workload,
  slot: ContainerImage,
  item: Omit<PlanItem, "status">,
  version: Version,
  current: Version,
  repository: CatalogueRepository | undefined,
): PlanItem {
  const { locked } = workload.policy;
  if (locked !== undefined) {
    const by = locked.by === undefined ? "" : ` by ${locked.by}`;
    const why = locked.message === undefined ? "" : `: "${locked.message}"`;
    return {
      ...item,
      status: "refused",
      reason: "locked",
      text: `locked${by}${why} (${workload.file} line ${workload.line})`,
      who: locked.by ?? "whoever takes the lock out of that file",
    };
  }
  const filtered = filterOf(workload, slot.container);
  if ("problem" in filtered) return { ...item, status: "refused", reason: "filtered", text: filtered.problem };
  if (filtered.filter.written !== "glob:*" && !filtered.filter.allows(version.tag))
    return {
      ...item,
      status: "refused",
      reason: "filtered",
      text: `${version.tag} does not pass the tag filter ${filtered.filter.written} (${workload.file})`,
      who: "whoever edits the tag filter",
    };
  const hold = input.holds.find(
    (entry) =>
      entry.workload === workload.id && entry.container === slot.container && isHeld(entry, version, repository),
  );
  if (hold !== undefined && input.automatic)
    return {
      ...item,
      status: "refused",
      reason: "held",
      text: `held since ${hold.by} rolled it back: ${hold.reason}`,
      who: "anybody who promotes it by hand",
    };
  if (input.automatic) {
    const order = compareVersions(version, current, repository);
    if (order === "older" || order === "unknown") {
      const why =
        order === "older"
          ? `${showVersion(version)} is older than ${showVersion(current)}`
          : `it cannot be told whether ${showVersion(version)} is newer than ${showVersion(current)}`;
      return {
        ...item,
        status: "refused",
        reason: "older",
        text: `${why}, and automation never goes back`,
        who: "anybody who promotes it by hand",
      };
    }
    const other = input.underWay.get(containerKey({ workload: workload.id, container: slot.container }));
    if (other !== undefined)
      return { ...item, status: "waiting", reason: "under_way", text: `${other} is changing it` };
  }
  return {
    ...item,
    status: "change",
    ...(hold === undefined ? {} : { text: `lifts the hold that ${hold.by} placed: ${hold.reason}` }),
  };
}

/** A rollback's hold keeps its version and everything older away; a pin everything. */
export function isHeld(hold: Hold, version: Version, repository: CatalogueRepository | undefined): boolean {
  if (hold.what === "*") return true;
  const order = compareVersions(version, hold.what, repository);
  return order === "same" || order === "older";
}

function namedTag(tag: string, repository: CatalogueRepository | undefined, name: string): Candidate {
  const image = findImage(repository, { tag });
  if (image !== undefined) return { found: true, version: { tag, digest: image.digest } };
  return {
    found: false,
    status: "refused",
    reason: "no_image_data",
    text: `the registry has no ${name}:${tag}`,
    version: { tag },
    who: "whoever pushes that image",
  };
}
