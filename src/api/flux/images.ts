import { SluiceError } from "../../errors.ts";
import { type CatalogueImage, type CatalogueRepository, labelCreated } from "../../model/catalogue.ts";
import type { FluxContainer, FluxImage, FluxImages } from "../../model/flux.ts";
import { type ImageRef, imageName, parseImage, versionOf } from "../../model/image.ts";
import { filterOf } from "../../planning/candidates.ts";
import { findImage } from "../../planning/order.ts";
import type { TagFilter } from "../../policies/filter.ts";
import { newerFirst } from "../../policies/order.ts";
import type { ApiContext } from "../context.ts";
import { goTime } from "./codec.ts";
import {
  containerNames,
  currentImage,
  imageOf,
  type KnownWorkload,
  knownEnvironment,
  noImage,
  type Wanted,
} from "./workloads.ts";

const fieldNames = [
  "Name",
  "Current",
  "LatestFiltered",
  "Available",
  "AvailableError",
  "AvailableImagesCount",
  "NewAvailableImagesCount",
  "FilteredImagesCount",
  "NewFilteredImagesCount",
] as const;
type Field = (typeof fieldNames)[number];
/** What Flux says where nothing is known of an image. */
const noImageData = "image data not available";

/** The images every container of the workloads could have. `fields` is a comma list of what is wanted; empty means all. */
export async function fluxImages(
  context: ApiContext,
  environment: string,
  wanted: Wanted,
  fields: string,
): Promise<FluxImages[]> {
  const chosen = fieldsOf(fields);
  const { workloads } = await knownEnvironment(context, environment, wanted);
  const shelf = newShelf();
  return workloads.map((workload) => ({
    ID: workload.id,
    Containers: containerNames(workload).map((name) => container(context, shelf, workload, name, chosen)),
  }));
}

function fieldsOf(text: string): ReadonlySet<Field> {
  const names = text.split(",").filter((name) => name !== "");
  if (names.length === 0) return new Set(fieldNames);
  return new Set(
    names.map((name) => {
      const field = fieldNames.find((known) => known === name);
      if (field === undefined)
        throw new SluiceError("refused", `${name.slice(0, 100)} is an invalid field`, {
          help: `The fields of a container are ${fieldNames.join(", ")}.`,
        });
      return field;
    }),
  );
}

function container(
  context: ApiContext,
  shelf: Shelf,
  workload: KnownWorkload,
  name: string,
  fields: ReadonlySet<Field>,
): FluxContainer {
  const written = currentImage(workload, name);
  const ref = parseImage(written);
  const repository = ref && context.catalogue.repository(imageName(ref));
  const found = ref && findImage(repository, versionOf(ref));
  const current =
    ref === undefined || found === undefined
      ? imageOf(written)
      : { ...show(ref, found, repository?.scannedAt), ID: written };
  const base = {
    Name: fields.has("Name") ? name : "",
    Current: fields.has("Current") ? current : noImage,
    LatestFiltered: noImage,
  };
  if (ref === undefined || repository === undefined || repository.images.length === 0)
    return fields.has("AvailableError") ? { ...base, AvailableError: repository?.problem ?? noImageData } : base;
  const filtered = workload.git === undefined ? undefined : filterOf(workload.git, name);
  const filter = filtered !== undefined && "filter" in filtered ? filtered.filter : undefined;
  const { all, allowed, shown } = shelf(ref, repository, filter);
  const newer = (images: readonly CatalogueImage[]) => countNewer(images, found, filter);
  const latest = allowed[0];
  const wanted: readonly (readonly [Field, Partial<FluxContainer>])[] = [
    ["LatestFiltered", latest === undefined ? {} : { LatestFiltered: shown.get(latest)! }],
    ["Available", { Available: [...shown.values()] }],
    ["AvailableImagesCount", { AvailableImagesCount: all.length }],
    ["NewAvailableImagesCount", counted("NewAvailableImagesCount", newer(all))],
    ["FilteredImagesCount", counted("FilteredImagesCount", allowed.length)],
    ["NewFilteredImagesCount", counted("NewFilteredImagesCount", newer(allowed))],
  ];
  return Object.assign(base, ...wanted.flatMap(([field, value]) => (fields.has(field) ? [value] : [])));
}

/** Go leaves a zero out. */
function counted(field: Field, count: number): Partial<FluxContainer> {
  return count === 0 ? {} : { [field]: count };
}

/** Flux lists all images in the order of the container's filter: by version where versions count, else by build time. */
function orderOf(filter: TagFilter | undefined): TagFilter["compare"] {
  return filter === undefined || filter.byTime ? newerFirst : filter.compare;
}

/** The images of a repository in a filter's order, those it allows, and each as it is shown under one name. */
interface Shelved {
  readonly all: readonly CatalogueImage[];
  readonly allowed: readonly CatalogueImage[];
  readonly shown: ReadonlyMap<CatalogueImage, FluxImage>;
}
type Shelf = (ref: ImageRef, repository: CatalogueRepository, filter: TagFilter | undefined) => Shelved;

/** Sorts and shows each repository once for each filter: many containers share both. */
function newShelf(): Shelf {
  const known = new Map<string, Shelved>();
  return (ref, repository, filter) => {
    const key = `${ref.writtenName} ${filter?.written}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const all = [...repository.images].sort(orderOf(filter));
    const allowed = filter === undefined ? [] : all.filter((image) => filter.allows(image.tag));
    const shown = new Map(all.map((image) => [image, show(ref, image, repository.scannedAt)]));
    const shelved = { all, allowed, shown };
    known.set(key, shelved);
    return shelved;
  };
}

/** How many of the images, newest first, come before the running one; all of them where that one is not known. */
function countNewer(
  images: readonly CatalogueImage[],
  current: CatalogueImage | undefined,
  filter: TagFilter | undefined,
): number {
  if (current === undefined) return images.length;
  const compare = orderOf(filter);
  const end = images.findIndex((image) => image.digest === current.digest || compare(image, current) >= 0);
  return end < 0 ? images.length : end;
}

/** An image under the name that the workload writes, so that clients see which one is running. */
function show(ref: ImageRef, image: CatalogueImage, scannedAt: number | undefined): FluxImage {
  const created = Date.parse(image.labels[labelCreated] ?? "");
  return {
    ID: `${ref.writtenName}:${image.tag}`,
    Digest: image.digest,
    Labels: Number.isNaN(created) ? {} : { [labelCreated]: goTime(created) },
    ...(image.createdAt === undefined ? {} : { CreatedAt: goTime(image.createdAt) }),
    ...(scannedAt === undefined ? {} : { LastFetched: goTime(scannedAt) }),
  };
}
