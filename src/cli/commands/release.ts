import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import { imageName, parseImage } from "../../model/image.ts";
import type { MatrixView } from "../../model/views.ts";
import { text } from "../arguments/parse.ts";
import type { PromotionRequest } from "../client.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { carryOut, type PromotingFlags, promotingFlags } from "../promoting.ts";
import { outputAliases } from "../show/output.ts";
import { nameMatches } from "../workload-name.ts";

interface Flags extends ConnectionFlags, PromotingFlags {
  readonly to: string;
  readonly image?: string;
  readonly updateImage?: string;
  readonly container?: string;
  readonly all?: boolean;
}

/** `sluice release`: takes images from the registry to an environment or stage. */
export const releaseCommand = buildCommand<Flags, string[], CliContext>({
  docs: {
    brief: "Release images of the registry to an environment or stage",
    fullDescription:
      "Without --image the newest image that each container's filter allows. With --update-image every container that uses\n" +
      "that image (of the workloads named, or of all) gets the tag of the reference.",
  },
  parameters: {
    flags: {
      to: { kind: "parsed", parse: text, placeholder: "PLACE", brief: "Environment or stage to release to" },
      image: { kind: "parsed", parse: text, placeholder: "TAG", optional: true, brief: "Tag to release" },
      updateImage: {
        kind: "parsed",
        parse: text,
        placeholder: "REF",
        optional: true,
        brief: "Image with tag, for all that use it",
      },
      container: { kind: "parsed", parse: text, placeholder: "NAME", optional: true, brief: "Only this container" },
      all: { kind: "boolean", optional: true, withNegated: false, brief: "Every workload" },
      ...promotingFlags,
      ...connectionFlags,
    },
    positional: { kind: "array", parameter: { parse: text, placeholder: "WORKLOAD", brief: "Workload to release" } },
    aliases: { m: "message", y: "yes", c: "container", a: "all", ...outputAliases },
  },
  async func(flags, ...workloads) {
    checkFlags(flags, workloads);
    const client = connect(flags, this);
    const { container, image: tag, updateImage } = flags;
    const selection =
      updateImage !== undefined
        ? selectUsers(await client.matrix(), updateImage, workloads)
        : flags.all
          ? undefined
          : workloads.map((workload) => ({
              workload,
              ...(container === undefined ? {} : { container }),
              ...(tag === undefined ? {} : { tag }),
            }));
    const request: PromotionRequest = {
      target: flags.to,
      source: "registry",
      ...(selection === undefined ? {} : { selection }),
      message: flags.message ?? "",
    };
    await carryOut(this, client, request, flags);
  },
});

function checkFlags(flags: Flags, workloads: readonly string[]): void {
  const wrong = (message: string) =>
    new SluiceError("bad_request", message, { help: "For example: sluice release catalogue --to dev --image 1.8.2" });
  if (flags.image !== undefined && flags.updateImage !== undefined)
    throw wrong("Give --image TAG or --update-image REF, not both.");
  if (flags.updateImage !== undefined && flags.container !== undefined)
    throw wrong("--update-image finds the containers itself; leave out --container.");
  if (flags.all && workloads.length > 0) throw wrong("Name workloads or give --all, not both.");
  if (flags.all && (flags.image !== undefined || flags.container !== undefined))
    throw wrong("--image and --container go with the workloads they are for.");
  if (!flags.all && workloads.length === 0 && flags.updateImage === undefined)
    throw wrong("Name the workloads to release, or give --all or --update-image.");
}

/** Every container that uses the image, of the workloads named or of all, with the tag it is to get. */
export function selectUsers(
  matrix: MatrixView,
  reference: string,
  workloads: readonly string[],
): { workload: string; container: string; tag: string }[] {
  const wanted = parseImage(reference);
  if (wanted?.tag === undefined)
    throw new SluiceError("bad_request", `--update-image ${reference}: it names no tag.`, {
      help: "For example: --update-image registry.example.com/shop/catalogue:1.8.2",
    });
  const name = imageName(wanted);
  const found = new Map<string, { workload: string; container: string; tag: string }>();
  for (const row of matrix.rows) {
    if (workloads.length > 0 && !workloads.some((workload) => nameMatches(row.id, workload))) continue;
    for (const container of Object.values(row.cells).flatMap((cell) => cell.containers)) {
      const ref = parseImage(container.image);
      if (ref !== undefined && imageName(ref) === name)
        found.set(`${row.id} ${container.container}`, {
          workload: row.id,
          container: container.container,
          tag: wanted.tag,
        });
    }
  }
  if (found.size === 0)
    throw new SluiceError("not_found", `Nothing${workloads.length > 0 ? " of these" : ""} uses ${name}.`, {
      help: "sluice list-workloads -e ENVIRONMENT shows the images.",
    });
  return [...found.values()];
}
