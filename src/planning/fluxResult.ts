import type { FluxContainerUpdate, FluxResult, FluxUpdateStatus, FluxWorkloadResult } from "../model/flux.ts";
import { type ImageRef, parseImage } from "../model/image.ts";
import type { Plan, PlanItem } from "../model/plan.ts";
import type { Workload } from "../model/workload.ts";
import { type Choice, usesImage } from "./selection.ts";

/** What somebody asked for, with the image as they wrote it. A selection of containers is Flux's `containers` update. */
export type FluxRequest = Omit<Choice, "image"> & { readonly image?: string | undefined };

/** Flux v1's reasons, word for word; old clients and people's scripts compare them. */
const words = {
  locked: "locked",
  ignore: "ignore",
  notIncluded: "not included",
  excluded: "excluded",
  differentImage: "a different image",
  notInRepo: "not found in repository",
  imageNotFound: "cannot find one or more images",
  upToDate: "image(s) up to date",
  doesNotUse: "does not use image(s)",
  containersNotFound: (names: readonly string[]) => `container(s) not found: ${names.join(", ")}`,
  tagMismatch: (names: readonly string[]) => `container(s) tag mismatch: ${names.join(", ")}`,
} as const;

/**
 * A plan in Flux v1's words: every workload of the environment with a status and a reason, by Flux's filters in Flux's
 * order (include, exclude, image, locked, ignore), then by its containers. What only we refuse is `failed` with our own
 * sentence. Flux's `not accessible in cluster` is never said: a release goes to Git, whatever the cluster answers.
 */
export function fluxResult(plan: Plan, request: FluxRequest, workloads: Iterable<Workload>): FluxResult {
  const image = request.image === undefined ? undefined : parseImage(request.image);
  const byContainer = (request.selection ?? []).some((entry) => entry.container !== undefined);
  const items = Map.groupBy(plan.items, (item) => item.workload);
  const results = new Map<string, FluxWorkloadResult>();
  for (const workload of workloads) {
    const mine = items.get(workload.id) ?? [];
    results.set(
      workload.id,
      filteredOut(workload, request, image) ??
        (byContainer ? resultOfContainers(mine, request, workload) : resultOfImages(mine)),
    );
  }
  for (const { workload } of request.selection ?? [])
    if (!results.has(workload)) results.set(workload, notThere(items.get(workload) ?? []));
  return Object.fromEntries(results);
}

/** Why a whole `containers` update fails though single workloads tell of themselves; undefined where it does not. */
export function fluxFailure(result: FluxResult): string | undefined {
  const statuses = Object.values(result).map(({ Status }) => Status);
  if (statuses.includes("failed")) return "cannot satisfy specs";
  return statuses.includes("success") ? undefined : "no changes found";
}

function filteredOut(
  workload: Workload,
  request: FluxRequest,
  image: ImageRef | undefined,
): FluxWorkloadResult | undefined {
  const { selection, exclude, force } = request;
  if (selection !== undefined && !selection.some((entry) => entry.workload === workload.id))
    return result("ignored", words.notIncluded);
  if (exclude?.includes(workload.id) === true) return result("ignored", words.excluded);
  if (image !== undefined && !workload.containers.some((slot) => usesImage(slot, image)))
    return result("ignored", words.differentImage);
  if (force === true && selection !== undefined) return undefined;
  if (workload.policy.locked !== undefined) return result("skipped", words.locked);
  return workload.policy.ignored ? result("skipped", words.ignore) : undefined;
}

function notThere(items: readonly PlanItem[]): FluxWorkloadResult {
  const broken = items.find((item) => item.reason === "file_broken");
  return broken === undefined ? result("skipped", words.notInRepo) : result("failed", broken.text ?? words.notInRepo);
}

function resultOfImages(items: readonly PlanItem[]): FluxWorkloadResult {
  const updates = updatesOf(items);
  const refused = refusalOf(items);
  if (updates.length > 0) return success(updates, refused);
  if (refused !== undefined) return result("failed", refused);
  if (items.some(hasNoImage)) return result("skipped", words.imageNotFound);
  if (items.some((item) => item.status === "same")) return result("skipped", words.upToDate);
  return result("ignored", words.doesNotUse);
}

function resultOfContainers(items: readonly PlanItem[], request: FluxRequest, workload: Workload): FluxWorkloadResult {
  const wanted = (request.selection ?? []).filter((entry) => entry.workload === workload.id);
  const missing = items.filter((item) => item.status === "absent").map((item) => item.container);
  if (missing.length > 0) return result("failed", words.containersNotFound(missing));
  const mismatched = items.filter((item) => item.reason === "mismatch").map((item) => item.container);
  const mismatch = mismatched.length === 0 ? undefined : words.tagMismatch(mismatched);
  if (mismatch !== undefined && !wanted.every((entry) => entry.skipMismatch === true))
    return result("failed", mismatch);
  const refused = refusalOf(items);
  if (refused !== undefined) return result("failed", refused);
  const updates = updatesOf(items);
  if (updates.length > 0) return success(updates, mismatch);
  if (items.some(hasNoImage)) return result("skipped", words.imageNotFound);
  return result("skipped", mismatch ?? words.upToDate);
}

function updatesOf(items: readonly PlanItem[]): FluxContainerUpdate[] {
  return items
    .filter((item) => item.status === "change")
    .map((item) => ({ Container: item.container, Current: item.from!, Target: item.to! }));
}

const noImage = new Set<PlanItem["reason"]>(["no_image_data", "filtered", "tags_missing", "needs_digest"]);
function hasNoImage(item: PlanItem): boolean {
  return noImage.has(item.reason);
}

const told = new Set<PlanItem["reason"]>([...noImage, "up_to_date", "mismatch", "image_not_used", "not_in_target"]);
/** Refusals that Flux knows no word for, in ours. */
function refusalOf(items: readonly PlanItem[]): string | undefined {
  const refused = items.filter((item) => item.status !== "change" && !told.has(item.reason));
  if (refused.length === 0) return undefined;
  return refused.map((item) => `${item.container}: ${item.text ?? item.reason ?? item.status}`).join("; ");
}

function success(updates: readonly FluxContainerUpdate[], besides: string | undefined): FluxWorkloadResult {
  return { Status: "success", ...(besides === undefined ? {} : { Error: besides }), PerContainer: updates };
}
function result(status: FluxUpdateStatus, reason: string): FluxWorkloadResult {
  return { Status: status, Error: reason };
}
