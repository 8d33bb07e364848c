import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import { personName } from "../../model/identity.ts";
import { showVersion } from "../../model/image.ts";
import { flag } from "../arguments/flags.ts";
import { positive } from "../arguments/parse.ts";
import { promotionId } from "../arguments/promotion-id.ts";
import type { PromotionListItem } from "../client.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { checkFollow, type FollowFlags, follow, followFlags } from "../follow.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";
import { painter } from "../show/paint.ts";
import { changeName, placeName, promotionBlock, timeline } from "../show/promotion.ts";
import { table } from "../show/table.ts";
import { relative } from "../show/time.ts";

interface Flags extends ConnectionFlags, OutputFlags, FollowFlags {
  readonly limit: number;
  readonly underWay?: boolean;
}
const shownChanges = 3;

/** `sluice releases`: the newest, or one with everything that is known of it. */
export const releasesCommand = buildCommand<Flags, [string | undefined], CliContext>({
  docs: { brief: "List releases, or show one with its progress and why it waits" },
  parameters: {
    flags: {
      limit: { kind: "parsed", parse: positive, placeholder: "N", default: "20", brief: "How many to list" },
      underWay: flag("Only those that have not ended"),
      ...followFlags,
      ...outputFlags,
      ...connectionFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: anyReleaseId, placeholder: "RELEASE", optional: true, brief: "Id of one release" }],
    },
    aliases: { l: "limit", ...outputAliases },
  },
  async func(flags, id) {
    checkFollow(flags);
    if (id !== undefined) return showOne(this, flags, id);
    if (flags.watch || flags.wait)
      throw new SluiceError("bad_request", "Name the release to watch.", {
        help: "For example: sluice releases r-7f3k --watch",
      });
    const answer = await connect(flags, this).promotions(flags.limit, flags.underWay ?? false);
    await print(this, flags.output, answer, {
      table: ({ items }) =>
        items.length === 0
          ? "There is no release yet.\n"
          : table(
              ["RELEASE", "WHAT", "FROM", "TO", "STATE", "BY", "WHEN"],
              items.map((item) => rowOf(item, this.now())),
            ),
      names: ({ items }) => items.map((item) => item.promotion.id),
    });
  },
});

/** Commits name the release of their environment (`r-7f3k/prod-eu`); it is shown with the others of its promotion. */
function anyReleaseId(input: string): string {
  return promotionId(input.split("/", 1)[0] ?? "");
}

async function showOne(context: CliContext, flags: Flags, id: string): Promise<void> {
  const client = connect(flags, context);
  let view = await client.promotion(id);
  const people = flags.output === "table" ? context.out : context.err;
  if (flags.watch || flags.wait) view = await follow(context, client, view, flags, people);
  const shown = view;
  await print(context, flags.output, shown, {
    table: () => {
      const times = shown.releases.map((release) => `  ${timeline(release)}\n`).join("");
      if (flags.watch || flags.wait) return times;
      const { message } = shown.promotion;
      const block = promotionBlock(shown, context.now(), painter(context.out, context.env));
      return `${block}${message === "" ? "" : `  message  ${message}\n`}${times}`;
    },
    names: () => [shown.promotion.id],
  });
}

function rowOf({ promotion, releases }: PromotionListItem, now: number): string[] {
  return [
    promotion.id,
    whatOf(releases),
    promotion.reverts === undefined ? placeName(promotion.source) : `takes back ${promotion.reverts}`,
    placeName(promotion.target),
    promotion.state,
    personName(promotion.by.name),
    relative(promotion.createdAt, now),
  ];
}

function whatOf(releases: PromotionListItem["releases"]): string {
  const changes = releases.flatMap((release) => release.changes);
  const names = [...new Set(changes.map((change) => `${changeName(change)} ${showVersion(change.toVersion)}`))];
  const more = names.length - shownChanges;
  return `${names.slice(0, shownChanges).join(", ")}${more > 0 ? ` and ${more} more` : ""}` || "nothing";
}
