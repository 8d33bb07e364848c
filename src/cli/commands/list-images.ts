import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import type { FluxImages } from "../../model/flux.ts";
import type { ImagesView } from "../../model/views.ts";
import { flag, named } from "../arguments/flags.ts";
import { count } from "../arguments/parse.ts";
import { workloadNames } from "../completion/names.ts";
import {
  type ConnectionFlags,
  connect,
  connectFlux,
  connectionFlags,
  type EnvironmentFlags,
  environmentAliases,
  environmentFlags,
  environmentOf,
} from "../connection.ts";
import type { CliContext } from "../context.ts";
import { allWorkloads } from "../flux/client.ts";
import { fluxImageTable } from "../show/flux-images.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";
import { type Paint, painter } from "../show/paint.ts";
import { lines, table } from "../show/table.ts";
import { relative } from "../show/time.ts";
import { findWorkload } from "../workload-name.ts";

interface Flags extends ConnectionFlags, OutputFlags, EnvironmentFlags {
  readonly namespace?: string;
  readonly workload?: string;
  readonly limit: number;
  readonly noHeaders?: boolean;
}
/** The most the server gives at once. */
const most = 1_000;

/** `sluice list-images`: the images a workload could have, newest first, and where each runs. */
export const listImagesCommand = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Show the images a workload could have, and where each runs",
    fullDescription: "With -e fluxctl's table of that environment, of one workload or of all.",
  },
  parameters: {
    flags: {
      ...environmentFlags,
      workload: { ...named("WORKLOAD", "Short name or whole id"), proposeCompletions: workloadNames },
      namespace: named("NAME", "Only this namespace"),
      limit: { kind: "parsed", parse: count, placeholder: "N", default: "10", brief: "How many; 0 is all" },
      noHeaders: flag("Without the heading"),
      ...outputFlags,
      ...connectionFlags,
    },
    aliases: { ...environmentAliases, n: "namespace", w: "workload", l: "limit", ...outputAliases },
  },
  async func(flags) {
    const environment = environmentOf(flags, this);
    await (environment === undefined ? showEverywhere(this, flags) : showEnvironment(this, flags, environment));
  },
});

async function showEnvironment(context: CliContext, flags: Flags, environment: string): Promise<void> {
  const { flux } = connectFlux(flags, context, environment);
  const { workload, limit, namespace = "" } = flags;
  const ids = workload === undefined || workload.includes(":") ? [] : (await flux.workloads("")).map(({ ID }) => ID);
  const answer =
    workload === undefined
      ? await flux.images(allWorkloads, namespace)
      : await flux.images(findWorkload(ids, workload, namespace), "");
  await print(context, flags.output, limit === 0 ? answer : answer.map((images) => newest(images, limit)), {
    table: () => fluxImageTable(answer, { limit, headers: !flags.noHeaders }),
    names: (shown) =>
      shown.flatMap(({ Containers }) =>
        (Containers ?? []).flatMap(({ Available }) => (Available ?? []).map(({ ID }) => ID)),
      ),
  });
}

function newest({ ID, Containers }: FluxImages, limit: number): FluxImages {
  const cut = Containers?.map((container) =>
    container.Available === undefined ? container : { ...container, Available: container.Available.slice(0, limit) },
  );
  return { ID, Containers: cut ?? null };
}

async function showEverywhere(context: CliContext, flags: Flags): Promise<void> {
  if (flags.workload === undefined)
    throw new SluiceError("bad_request", "-w, --workload is required, or an environment.", {
      help: "sluice list-images -w catalogue shows one workload everywhere, sluice list-images -e dev all of one environment.",
    });
  const client = connect(flags, context);
  const ids = flags.workload.includes(":") ? [] : (await client.matrix()).rows.map((row) => row.id);
  const limit = flags.limit === 0 ? most : Math.min(flags.limit, most);
  const answer = await client.images(findWorkload(ids, flags.workload, flags.namespace), limit);
  const paint = painter(context.out, context.env);
  await print(context, flags.output, answer, {
    table: ({ containers }) => imageTable(containers, context.now(), paint, !flags.noHeaders),
    names: ({ containers }) => containers.flatMap((view) => view.images.map((image) => `${view.name}:${image.tag}`)),
  });
}

/** fluxctl's table, with the environments beside the tags they run: `'->` stands before each of those. */
export function imageTable(containers: readonly ImagesView[], now: number, paint: Paint, headers = true): string {
  const rows = containers.flatMap((view, index) => {
    const first = containers[index - 1]?.workload === view.workload ? "" : view.workload;
    return [[first, view.container, view.name, problemOf(view), ""], ...imageRows(view, now, paint)];
  });
  return headers ? table(["WORKLOAD", "CONTAINER", "IMAGE", "CREATED", "COMMIT", "RUNS IN"], rows) : lines(rows);
}

function problemOf(view: ImagesView): string {
  if (view.problem !== undefined) return view.problem;
  return view.images.length === 0 ? "image data not available" : "";
}

function imageRows(view: ImagesView, now: number, paint: Paint): string[][] {
  const last = view.images.findLastIndex((image) => image.environments.length > 0);
  return view.images.map((image, index) => {
    const runs = image.environments.length > 0;
    const marker = runs ? "'->" : index < last ? "|  " : "   ";
    const tag = image.allowed ? image.tag : `${image.tag} (not allowed by the filter)`;
    return [
      "",
      "",
      `${marker} ${runs ? paint("bold", tag) : tag}`,
      image.createdAt === undefined ? "?" : relative(image.createdAt, now),
      image.revision?.slice(0, 7) ?? "",
      image.environments.join(", "),
    ];
  });
}
