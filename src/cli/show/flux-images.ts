import type { FluxContainer, FluxImage, FluxImages } from "../../model/flux.ts";
import { parseImage } from "../../model/image.ts";
import { tabulate } from "./tabwriter.ts";

/** How images are listed: `limit` newest ones of each container (0 is all) and the running one. */
export interface ImageListing {
  readonly limit: number;
  readonly headers: boolean;
}

/** fluxctl's `list-images`, byte for byte. The workloads are in order, each one's images newest first. */
export function fluxImageTable(workloads: readonly FluxImages[], listing: ImageListing): string {
  const heading = listing.headers ? "WORKLOAD\tCONTAINER\tIMAGE\tCREATED\n" : "";
  return tabulate(heading + workloads.map((workload) => workloadRows(workload, listing.limit)).join(""));
}

function workloadRows({ ID, Containers }: FluxImages, limit: number): string {
  if (Containers === null || Containers.length === 0) return `${ID}\t\t\t\n`;
  return Containers.map((container, index) => containerRows(index === 0 ? ID : "", container, limit)).join("");
}

function containerRows(workload: string, container: FluxContainer, limit: number): string {
  const { name, tag: running } = partsOf(container.Current.ID);
  const available = container.Available ?? [];
  const problem = available.length > 0 ? "" : container.AvailableError || "image data not available";
  const rows = [`${workload}\t${container.Name}\t${name}\t${problem}\n`];
  let found = false;
  for (const [index, image] of available.entries()) {
    const { tag } = partsOf(image.ID);
    const marker = tag === running ? "'->" : found ? "   " : "|  ";
    found ||= tag === running;
    const past = limit > 0 && index >= limit;
    // Past the limit only the running image is told, and the whole reference decides which one that is.
    if (past && image.ID !== container.Current.ID) continue;
    if (past && index > limit) rows.push(`\t\t: (${index - limit} image(s) omitted)\t\n`);
    rows.push(`\t\t${marker} ${tag}\t${createdOf(image)}\n`);
  }
  if (!found) rows.push(`\t\t'-> ${running === "" ? "(untagged)" : running}\t?\n`);
  return rows.join("");
}

/** A reference as fluxctl prints it: one with a digest loses its tag. */
export function fluxReference(reference: string): string {
  const image = parseImage(reference);
  return image?.digest === undefined ? reference : `${image.writtenName}@${image.digest}`;
}

function partsOf(reference: string): { readonly name: string; readonly tag: string } {
  const image = parseImage(reference);
  return image === undefined ? { name: "", tag: "" } : { name: image.writtenName, tag: image.tag ?? "" };
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** RFC 822 with the zone's name, as Go prints a date that came in UTC. */
function createdOf({ CreatedAt }: FluxImage): string {
  const date = new Date(CreatedAt ?? Number.NaN);
  if (Number.isNaN(date.getTime())) return "";
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${two(date.getUTCDate())} ${months[date.getUTCMonth()]} ${two(date.getUTCFullYear() % 100)}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;
}
