import { buildCommand } from "@stricli/core";
import type { ImagesView } from "../../model/views.ts";
import { count, text } from "../arguments/parse.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";
import { type Paint, painter } from "../show/paint.ts";
import { table } from "../show/table.ts";
import { relative } from "../show/time.ts";
import { findWorkload } from "../workload-name.ts";

interface Flags extends ConnectionFlags, OutputFlags {
  readonly workload: string;
  readonly limit: number;
}
/** The most the server gives at once. */
const most = 1_000;

/** `sluice list-images`: the images a workload could have, newest first, and where each runs. */
export const listImagesCommand = buildCommand<Flags, [], CliContext>({
  docs: { brief: "Show the images a workload could have, and where each runs" },
  parameters: {
    flags: {
      workload: { kind: "parsed", parse: text, placeholder: "WORKLOAD", brief: "Short name or whole id" },
      limit: { kind: "parsed", parse: count, placeholder: "N", default: "10", brief: "How many; 0 is all" },
      ...outputFlags,
      ...connectionFlags,
    },
    aliases: { w: "workload", l: "limit", ...outputAliases },
  },
  async func(flags) {
    const client = connect(flags, this);
    const id = flags.workload.includes(":")
      ? flags.workload
      : findWorkload((await client.matrix()).rows, flags.workload).id;
    const limit = flags.limit === 0 ? most : Math.min(flags.limit, most);
    const answer = await client.images(id, limit);
    const paint = painter(this.out, this.env);
    await print(this, flags.output, answer, {
      table: ({ containers }) => imageTable(containers, this.now(), paint),
      names: ({ containers }) => containers.flatMap((view) => view.images.map((image) => `${view.name}:${image.tag}`)),
    });
  },
});

/** fluxctl's table, with the environments beside the tags they run: `'->` stands before each of those. */
export function imageTable(containers: readonly ImagesView[], now: number, paint: Paint): string {
  const rows = containers.flatMap((view, index) => {
    const first = containers[index - 1]?.workload === view.workload ? "" : view.workload;
    return [[first, view.container, view.name, problemOf(view), ""], ...imageRows(view, now, paint)];
  });
  return table(["WORKLOAD", "CONTAINER", "IMAGE", "CREATED", "COMMIT", "RUNS IN"], rows);
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
