import { SluiceError } from "../../errors.ts";
import { type CatalogueImage, type CatalogueRepository, labelRevision, labelSource } from "../../model/catalogue.ts";
import { imageName, parseImage } from "../../model/image.ts";
import type { FilterView, ImagesView, ImageView } from "../../model/views.ts";
import { type ContainerImage, parseWorkloadId, type Workload } from "../../model/workload.ts";
import { filterOf } from "../../planning/candidates.ts";
import { tagsMissing, troubleOf } from "../../planning/suspect.ts";
import { newerFirst } from "../../policies/order.ts";
import type { ApiContext } from "../context.ts";
import { filterInForce } from "./filters.ts";
import { orderedEnvironments, treeOf } from "./load.ts";

/** Unreadable tags that are named; a registry may have thousands. */
const mostUnreadable = 20;

/** One container of the workload as one environment has it. */
export interface ImageUse {
  readonly environment: string;
  readonly workload: Workload;
  readonly slot: ContainerImage;
}

/**
 * The images a workload's containers could have. Environments that take a container from another image name have a view
 * of their own.
 */
export async function loadImages(context: ApiContext, workloadId: string, limit: number): Promise<ImagesView[]> {
  const uses: ImageUse[] = [];
  for (const environment of orderedEnvironments(context)) {
    const workload = (await treeOf(context, environment)).tree?.workloads.get(workloadId);
    if (workload !== undefined) uses.push(...workload.containers.map((slot) => ({ environment, workload, slot })));
  }
  if (uses.length === 0)
    throw new SluiceError(
      "not_found",
      `there is no workload ${workloadId} with an image${parseWorkloadId(workloadId) === undefined ? "; write namespace:kind/name" : ""}`,
    );
  const groups = Map.groupBy(uses, ({ slot }) => `${slot.container} ${nameOf(slot)}`);
  return [...groups.values()].map((group) =>
    imagesView(group, context.catalogue.repository(nameOf(group[0]!.slot)), limit),
  );
}

/** What one image repository has for a container; `uses` are the environments that take it from there. */
export function imagesView(
  uses: readonly ImageUse[],
  repository: CatalogueRepository | undefined,
  limit: number,
): ImagesView {
  const { workload, slot } = uses[0]!;
  const problem = repository && troubleOf(repository);
  const allows = uses.map(allowsOf);
  return {
    workload: workload.id,
    container: slot.container,
    name: nameOf(slot),
    filters: filtersOf(uses),
    ...(problem === undefined ? {} : { problem }),
    ...(repository?.problem === undefined ? {} : { scanProblem: repository.problem }),
    ...(repository?.suspect === undefined ? {} : { tagsMissing: tagsMissing(repository.suspect) }),
    unreadable: Object.entries(repository?.badTags ?? {})
      .map(([tag, reason]) => ({ tag, reason }))
      .reverse()
      .slice(0, mostUnreadable),
    ...(repository?.scannedAt === undefined ? {} : { scannedAt: repository.scannedAt }),
    images: [...(repository?.images ?? [])]
      .sort(newerFirst)
      .map((image) => imageView(image, uses, allows))
      .filter((image, index) => index < limit || image.environments.length > 0),
  };
}

type Allows = (tag: string) => boolean;

function imageView(image: CatalogueImage, uses: readonly ImageUse[], allows: readonly Allows[]): ImageView {
  const refusing = uses.filter((_, index) => !allows[index]!(image.tag));
  return {
    tag: image.tag,
    digest: image.digest,
    ...(image.createdAt === undefined ? {} : { createdAt: image.createdAt }),
    ...(image.labels[labelRevision] === undefined ? {} : { revision: image.labels[labelRevision] }),
    ...(image.labels[labelSource] === undefined ? {} : { source: image.labels[labelSource] }),
    environments: namesOf(uses.filter(({ slot }) => (parseImage(slot.image)?.tag ?? "latest") === image.tag)),
    allowed: refusing.length < uses.length,
    refusedIn: namesOf(refusing),
  };
}

/** A filter that cannot be used allows nothing. */
function allowsOf({ workload, slot }: ImageUse): Allows {
  const filtered = filterOf(workload, slot.container);
  return "filter" in filtered ? (tag) => filtered.filter.allows(tag) : () => false;
}

/** The filters in force, each once with the environments that have it. */
function filtersOf(uses: readonly ImageUse[]): FilterView[] {
  const groups = new Map<string, FilterView>();
  for (const { environment, workload, slot } of uses) {
    const filter = filterInForce(workload, slot) ?? {};
    const key = JSON.stringify(filter);
    groups.set(key, { ...filter, environments: [...(groups.get(key)?.environments ?? []), environment] });
  }
  return [...groups.values()];
}

function nameOf({ image }: ContainerImage): string {
  const ref = parseImage(image);
  return ref === undefined ? image : imageName(ref);
}
function namesOf(uses: readonly ImageUse[]): string[] {
  return uses.map(({ environment }) => environment);
}
