import { z } from "zod";
import { SluiceError } from "../errors.ts";
import { changesOf, type Plan, type PlanItem } from "../model/plan.ts";
import { type Source, sourceSchema, type Target, targetSchema } from "../model/source.ts";
import { findStage, sourcesOf } from "../pipelines/graph.ts";
import type { PlanRequest } from "../releasing/planner.ts";
import type { ApiContext } from "./context.ts";
import { targetOf, workloadNames } from "./names.ts";
import { checkSource, withSourceRules } from "./sourceRules.ts";

const selectionSchema = z.strictObject({
  workload: z.string().min(1),
  container: z.string().optional(),
  tag: z.string().optional(),
  /** The image that Git must name now, or it is refused: what was seen when it was chosen. */
  from: z.string().optional(),
});
const placeSchema = z.union([z.string().min(1), targetSchema]);
/** What a promotion is asked for with. */
export const promotionRequestSchema = z.strictObject({
  /** A stage or environment by name, or spelled out. */
  target: placeSchema,
  /** Left out: the stage's first source, or the registry. */
  source: z.union([z.string().min(1), sourceSchema]).optional(),
  /** Left out: every workload. Names may be short (`catalogue`) or whole ids. */
  selection: z.array(selectionSchema).min(1).max(5_000).optional(),
  /** Workloads that stay as they are, named as in `selection`. */
  exclude: z.array(z.string().min(1)).max(5_000).default([]),
  /** An image with its tag: every selected container that uses it gets that tag, from the registry. */
  image: z.string().min(1).optional(),
  /** Breaks locks and ignores of the workloads selected, and the filter of a tag that is named; needs a message. */
  force: z.boolean().default(false),
  message: z.string().max(4_000).default(""),
});
export type PromotionRequest = z.infer<typeof promotionRequestSchema>;

/** The plans of a request, whose names may be short. Throws what is wrong with it. */
export async function planOf(
  context: ApiContext,
  request: PromotionRequest,
): Promise<{ target: Target; source: Source; plans: Plan[] }> {
  const target = targetOf(context, request.target);
  const source =
    request.source === undefined
      ? request.image === undefined
        ? defaultSource(context, target)
        : ({ kind: "registry" } as const)
      : request.source === "registry"
        ? ({ kind: "registry" } as const)
        : typeof request.source === "string"
          ? targetOf(context, request.source)
          : request.source;
  checkSource(context.repositories.configuration, target, source);
  const idOf = await workloadNames(context, target);
  const plans = await planByHand(context, {
    source,
    target,
    selection: request.selection?.map((entry) => ({ ...entry, workload: idOf(entry.workload) })),
    exclude: request.exclude.map(idOf),
    image: request.image,
    force: request.force,
  });
  return { target, source, plans };
}

function defaultSource(context: ApiContext, target: Target): Source {
  const placed =
    target.kind === "stage" ? findStage(context.repositories.configuration, target.pipeline, target.stage) : undefined;
  return (placed && sourcesOf(placed)[0]) ?? { kind: "registry" };
}

/** The plans of what a person asks for, by whatever client: the rules of the stages they deliver past hold as well. */
export async function planByHand(context: ApiContext, request: Omit<PlanRequest, "automatic">): Promise<Plan[]> {
  const plans = await context.planner.plan({ ...request, automatic: false });
  if (request.target.kind === "stage") return plans;
  return plans.map((plan) => withSourceRules(context.repositories.configuration, plan));
}

/** What somebody named and a rule forbids is a refusal, not a silent skip; "already there" is none. */
export function refuseImpossible({ selection, image }: PromotionRequest, plans: readonly Plan[]): void {
  if (image !== undefined && plans.every((plan) => plan.items.length === 0))
    throw new SluiceError("not_found", `nothing that was chosen uses ${image}`, {
      help: "`sluice list-images` shows which images are used.",
    });
  if (selection === undefined && image === undefined) return;
  const refused = refusalOf(plans);
  if (refused === undefined) return;
  const { item, environment } = refused;
  throw new SluiceError(
    item.status === "absent" ? "not_found" : "refused",
    `${item.workload} in ${environment}: ${item.text ?? item.status}`,
    {
      rule: item.reason,
      ...(item.who === undefined ? {} : { who: item.who, help: `${item.who} can lift it.` }),
    },
  );
}

/** The first thing that keeps plans from changing anything at all; "already there" is none. */
export function refusalOf(plans: readonly Plan[]): { item: PlanItem; environment: string } | undefined {
  if (plans.some((plan) => changesOf(plan).length > 0)) return undefined;
  const items = plans.flatMap((plan) => plan.items.map((item) => ({ item, environment: plan.environment })));
  return items.find(({ item }) => item.status !== "same");
}

/** A rule is broken only with a reason that can be read afterwards. */
export function refuseSilentForce(plans: readonly Plan[], message: string): void {
  const forced = plans.flatMap(changesOf).find((item) => item.forced !== undefined);
  if (forced === undefined || message.trim() !== "") return;
  throw new SluiceError("bad_request", `give a reason: ${forced.workload}: ${forced.text ?? "forced"}`, {
    help: "Send a message with it (-m, --message); it is kept in the commit.",
  });
}
