import type { CatalogueRepository } from "../model/catalogue.ts";
import type { FileProblem } from "../model/documents.ts";
import { imageName, parseImage, sameVersion, showVersion, versionOf, withVersion } from "../model/image.ts";
import type { Plan, PlanItem, PlanReason } from "../model/plan.ts";
import type { Hold } from "../model/release.ts";
import type { Source } from "../model/source.ts";
import { type ContainerImage, containerKey, type Workload } from "../model/workload.ts";
import { type Candidate, filterOf } from "./candidates.ts";
import { facts, movedTag, namedTag, onlyTag, ownVersion } from "./offers.ts";
import { countNewer } from "./order.ts";
import { ruleOfIgnore, ruleOn } from "./rules.ts";
import { type Choice, type Chosen, chooser, type Selection, sameReference, usesImage } from "./selection.ts";

export { isHeld } from "./rules.ts";
export type { Selection } from "./selection.ts";

export interface PlanInput extends Choice {
  readonly environment: string;
  readonly commit: string;
  readonly source: Source;
  readonly workloads: readonly Workload[];
  /** Files of the environment that cannot be read: what is missing may stand there. */
  readonly problems?: readonly FileProblem[];
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
  const choose = chooser(input);
  for (const workload of input.workloads)
    for (const slot of workload.containers) {
      const choice = choose(workload, slot);
      if (choice !== undefined) items.push(planSlot(input, workload, slot, choice));
    }
  const byId = new Map(input.workloads.map((workload) => [workload.id, workload]));
  const missing = (input.selection ?? []).filter((wanted) => input.exclude?.includes(wanted.workload) !== true);
  const once = new Map(missing.map((wanted) => [`${wanted.workload}#${wanted.container ?? ""}`, wanted]));
  for (const wanted of once.values()) {
    const item = nothingOf(input, byId.get(wanted.workload), wanted);
    if (item !== undefined) items.push(item);
  }
  return { environment: input.environment, commit: input.commit, source: input.source, items };
}

/** The item of what was chosen and cannot be found; undefined where it was found. */
function nothingOf(input: PlanInput, workload: Workload | undefined, wanted: Selection): PlanItem | undefined {
  const slots = (workload?.containers ?? []).filter(
    (slot) => wanted.container === undefined || slot.container === wanted.container,
  );
  if (workload === undefined || slots.length === 0) return absent(input, wanted, workload !== undefined);
  const { image } = input;
  if (image === undefined || slots.some((slot) => usesImage(slot, image))) return undefined;
  return {
    workload: wanted.workload,
    container: wanted.container ?? "",
    status: "absent",
    reason: "image_not_used",
    text: `${wanted.workload} uses no ${image.writtenName} in ${input.environment}`,
    file: workload.file,
  };
}

function absent(input: PlanInput, wanted: Selection, isThere: boolean): PlanItem {
  const what = wanted.container === undefined ? wanted.workload : `${wanted.workload} container ${wanted.container}`;
  const item = { workload: wanted.workload, container: wanted.container ?? "", status: "absent" } as const;
  const broken = isThere ? [] : (input.problems ?? []);
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

function planSlot(input: PlanInput, workload: Workload, slot: ContainerImage, choice: Chosen): PlanItem {
  const key = { workload: workload.id, container: slot.container };
  const base = { ...key, from: slot.image, file: workload.file };
  const ref = parseImage(slot.image);
  if (ref === undefined)
    return {
      ...base,
      status: "refused",
      reason: "not_an_image",
      text: `${slot.fixed ?? `"${slot.image}" is no image reference`} (${workload.file} line ${workload.line})`,
      who: "whoever corrects that file",
    };
  const repository = input.repository(imageName(ref));
  const current = versionOf(ref);
  const filtered = filterOf(workload, slot.container);
  const behind = "filter" in filtered ? countNewer(repository, filtered.filter, current) : undefined;
  const known = { ...base, fromVersion: current, ...(behind === undefined ? {} : { behind }) };
  if (choice.from !== undefined && !sameReference(choice.from, slot.image))
    return { ...known, ...mismatch(choice, slot) };
  const breakable = breakableRules(input, choice);
  if (workload.policy.ignored && !breakable.has("ignored")) return { ...known, ...ruleOfIgnore(workload)! };
  const named = choice.tag !== undefined && input.source.kind === "registry";
  const offered = named
    ? namedTag(
        { tag: choice.tag!, ...(choice.digest === undefined ? {} : { digest: choice.digest }) },
        repository,
        ref.path,
      )
    : onlyTag(input, input.candidate(workload, slot), choice.tag);
  const candidate = ownVersion(input, offered, ref, repository);
  if (!candidate.found) {
    const { found: _, version, ...rest } = candidate;
    return { ...known, ...rest, ...(version === undefined ? {} : { toVersion: version }) };
  }
  const { version, pending, note } = candidate;
  const to = withVersion(ref, version);
  const target = { ...known, toVersion: version, ...(to === undefined ? {} : { to }), ...facts(repository, version) };
  if (sameVersion(current, version))
    return pending === undefined
      ? { ...target, status: "same", reason: "up_to_date", ...withNote(`already at ${showVersion(current)}`, note) }
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
    holds: input.holds.filter((hold) => hold.workload === key.workload && hold.container === key.container),
    underWay: input.underWay.get(containerKey(key)),
    automatic: input.automatic,
    fromRegistry: input.source.kind === "registry" && choice.tag === undefined,
    breakable,
  });
  return { ...target, ...ruling, ...withNote(ruling.text, ruling.status === "change" ? note : undefined) };
}

function withNote(text: string | undefined, note: string | undefined): Pick<PlanItem, "text" | "note"> {
  if (note === undefined) return text === undefined ? {} : { text };
  return { text: text === undefined ? note : `${text}; ${note}`, note };
}

/** What may be broken: rules of workloads that were named, the filter of a tag that was. */
function breakableRules({ force, automatic }: PlanInput, choice: Chosen): ReadonlySet<PlanReason> {
  const rules = new Set<PlanReason>();
  if (force !== true || automatic) return rules;
  if (choice.named) rules.add("locked").add("ignored");
  if (choice.tag !== undefined) rules.add("filtered");
  return rules;
}

/** Git does not name the image any more that somebody saw when they chose. */
function mismatch(choice: Chosen, slot: ContainerImage): Pick<PlanItem, "status" | "reason" | "text" | "who"> {
  return {
    status: "refused",
    reason: "mismatch",
    text: `Git names ${slot.image} now, not ${choice.from}`,
    who: "whoever looks at the plan again",
  };
}
