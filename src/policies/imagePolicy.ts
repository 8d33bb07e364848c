import type { KubeObject } from "../model/kubernetes.ts";
import { groupKind } from "../model/kubernetes.ts";
import type { Workload } from "../model/workload.ts";
import { imagePolicyKind, parseFilter } from "./filter.ts";

/** Flux v2's rule for the newest image, as a tag filter; `problem` where it cannot be one. */
export interface ImagePolicy {
  /** `namespace:name`, as markers write it. */
  readonly name: string;
  readonly filter: string;
  readonly problem?: string;
}

/** Reads an ImagePolicy of Flux v2; undefined for every other object. */
export function readImagePolicy(object: KubeObject): ImagePolicy | undefined {
  if (groupKind(object) !== "image.toolkit.fluxcd.io/ImagePolicy") return undefined;
  const name = `${object.metadata.namespace ?? "default"}:${object.metadata.name}`;
  const filter = filterText(record(object.spec));
  if ("problem" in filter) return { name, filter: `${imagePolicyKind}:${name}`, problem: filter.problem };
  const result = parseFilter(filter.text);
  return result.ok
    ? { name, filter: filter.text }
    : { name, filter: `${imagePolicyKind}:${name}`, problem: result.reason };
}

type FilterText = { readonly text: string } | { readonly problem: string };

function filterText(spec: Fields): FilterText {
  const policy = record(spec.policy);
  const tags = record(spec.filterTags);
  const extract = text(tags.extract);
  if (extract !== "" && !extract.startsWith("$"))
    return { problem: `spec.filterTags.extract "${extract}" does not begin with a group, as $1 or $time would` };
  const keys = keysText(text(tags.pattern), extract);
  const kinds = ["semver", "numerical", "alphabetical"].filter((kind) => policy[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    return { problem: "spec.policy names none or several of semver, numerical and alphabetical; name one" };
  if (kind === "semver") {
    const range = text(record(policy.semver).range);
    if (range === "") return { problem: "spec.policy.semver has no range" };
    return { text: `semver:${range}${keys === "" ? "" : ` from ${keys}`}` };
  }
  const order = text(record(policy[kind]).order) || "asc";
  if (order !== "asc" && order !== "desc")
    return { problem: `spec.policy.${kind}.order is "${order}", not asc or desc` };
  return { text: keys === "" ? `${kind}:${order}` : `${kind}:${order}:${keys}` };
}

/** Without an extract Flux compares the whole tag, even where the expression has groups. */
function keysText(pattern: string, extract: string): string {
  if (pattern === "") return "";
  return extract === "" ? `$0:^.*(?:${pattern}).*$` : `${extract}:${pattern}`;
}

/** The policy of a workload whose containers a marker ties to an ImagePolicy; an annotation goes before that. */
export function withImagePolicies(workload: Workload, policies: ReadonlyMap<string, ImagePolicy>): Workload {
  const tied = workload.containers.flatMap(({ container, policy: name }) => {
    const policy = name === undefined ? undefined : policies.get(name);
    return policy === undefined || Object.hasOwn(workload.policy.tags, container) ? [] : [[container, policy.filter]];
  });
  if (tied.length === 0) return workload;
  const tags = { ...workload.policy.tags, ...(Object.fromEntries(tied) as Record<string, string>) };
  return { ...workload, policy: { ...workload.policy, tags } };
}

type Fields = Readonly<Record<string, unknown>>;
function record(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
