import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import { parseImage } from "../../model/image.ts";
import { flag, named } from "../arguments/flags.ts";
import { workloadArguments } from "../arguments/workloads.ts";
import type { PromotionRequest } from "../client.ts";
import { placeNames } from "../completion/names.ts";
import {
  type ConnectionFlags,
  connect,
  connectAs,
  connectionFlags,
  type EnvironmentFlags,
  environmentAliases,
  environmentFlags,
  neededEnvironment,
} from "../connection.ts";
import type { CliContext } from "../context.ts";
import { type CauseFlags, causeFlags } from "../flux/cause.ts";
import { fluxRelease } from "../flux/release.ts";
import { carryOut, checkPromoting, type PromotingFlags, promotingFlags } from "../promoting.ts";
import { outputAliases } from "../show/output.ts";
import { inNamespace } from "../workload-name.ts";

interface Flags extends ConnectionFlags, EnvironmentFlags, PromotingFlags, CauseFlags {
  readonly to?: string;
  readonly namespace?: string;
  readonly workload?: readonly string[];
  readonly controller?: readonly string[];
  readonly image?: string;
  readonly updateImage?: string;
  readonly updateAllImages?: boolean;
  readonly container?: string;
  readonly all?: boolean;
  readonly verbose?: number;
}
/** What a release by `--to` works with. */
type ReleaseFlags = Flags & { readonly to: string };

const names = (brief: string) => ({ ...named("WORKLOAD", brief), variadic: "," }) as const;

/** `sluice release`: takes images from the registry to an environment or stage. */
export const releaseCommand = buildCommand<Flags, string[], CliContext>({
  docs: {
    brief: "Release images of the registry to an environment or stage",
    fullDescription:
      "With --to PLACE it shows the plan, asks, and releases: without --image the newest image that each container's filter allows,\n" +
      "with --update-image REF every container that uses that image (of the workloads named, or of all) gets the reference's tag.\n" +
      "With -e ENVIRONMENT it is fluxctl's release: its flags, tables and words, without asking.",
  },
  parameters: {
    flags: {
      to: { ...named("PLACE", "Environment or stage to release to"), proposeCompletions: placeNames },
      ...environmentFlags,
      image: named("TAG", "Tag to release"),
      updateImage: named("REF", "Image with tag, for all that use it"),
      updateAllImages: flag("The newest images (as it is anyway with --to)"),
      container: named("NAME", "Only this container"),
      workload: names("The same as WORKLOAD; may be repeated, or a list with commas"),
      controller: { ...names("The older name of --workload"), hidden: true },
      namespace: named("NAME", "Namespace of the workloads"),
      all: flag("Every workload"),
      verbose: { kind: "counter", optional: true, brief: "Also what was skipped; twice: also what was not asked for" },
      ...promotingFlags,
      ...causeFlags,
      timeout: { ...promotingFlags.timeout, brief: "How long --wait waits (10m); with -e for the commit too (60s)" },
      ...connectionFlags,
    },
    positional: workloadArguments("Workload to release"),
    aliases: {
      ...environmentAliases,
      ...outputAliases,
      m: "message",
      y: "yes",
      c: "container",
      a: "all",
      n: "namespace",
      i: "updateImage",
      f: "force",
      w: "watch",
      v: "verbose",
    },
  },
  async func(flags, ...written) {
    const workloads = [...written, ...(flags.workload ?? []), ...(flags.controller ?? [])];
    const { to } = flags;
    if (to !== undefined) return releaseTo(this, { ...flags, to }, workloads);
    if (flags.image !== undefined || flags.container !== undefined)
      throw wrong("--image and --container go with --to PLACE.");
    await fluxRelease(this, flags, neededEnvironment(flags, this, "--to PLACE to see the plan first"), workloads);
  },
});

async function releaseTo(context: CliContext, flags: ReleaseFlags, workloads: readonly string[]): Promise<void> {
  checkFlags(flags, workloads);
  checkPromoting(flags);
  const client = flags.user === undefined ? connect(flags, context) : connectAs(flags, context, flags.user);
  const { container, image: tag, updateImage, exclude = [], namespace } = flags;
  const selection = workloads.map((workload) => ({
    workload: inNamespace(workload, namespace),
    ...(container === undefined ? {} : { container }),
    ...(tag === undefined ? {} : { tag }),
  }));
  const request: PromotionRequest = {
    target: flags.to,
    source: "registry",
    ...(selection.length === 0 ? {} : { selection }),
    ...(updateImage === undefined ? {} : { image: updateImage }),
    ...(exclude.length === 0 ? {} : { exclude: exclude.map((name) => inNamespace(name, namespace)) }),
    ...(flags.force ? { force: true } : {}),
    message: flags.message ?? "",
  };
  await carryOut(context, client, request, flags);
}

function wrong(message: string): SluiceError {
  return new SluiceError("bad_request", message, {
    help: "For example: sluice release catalogue --to dev --image 1.8.2",
  });
}

function checkFlags(flags: ReleaseFlags, workloads: readonly string[]): void {
  if (flags.environment !== undefined) throw wrong("Give --to PLACE or -e ENVIRONMENT, not both.");
  if (flags.image !== undefined && flags.updateImage !== undefined)
    throw wrong("Give --image TAG or --update-image REF, not both.");
  if (flags.updateImage !== undefined && parseImage(flags.updateImage)?.tag === undefined)
    throw wrong(`--update-image ${flags.updateImage}: it names no tag.`);
  if (flags.updateAllImages && (flags.image !== undefined || flags.updateImage !== undefined))
    throw wrong("--update-all-images means the newest; leave out --image and --update-image.");
  if (flags.updateImage !== undefined && flags.container !== undefined)
    throw wrong("--update-image finds the containers itself; leave out --container.");
  if (flags.all && workloads.length > 0) throw wrong("Name workloads or give --all, not both.");
  if (flags.all && (flags.image !== undefined || flags.container !== undefined))
    throw wrong("--image and --container go with the workloads they are for.");
  if (!flags.all && workloads.length === 0 && flags.updateImage === undefined)
    throw wrong("Name the workloads to release, or give --all or --update-image.");
}
