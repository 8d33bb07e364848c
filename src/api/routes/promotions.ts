import { z } from "zod";
import { SluiceError } from "../../errors.ts";
import { changesOf, type Plan } from "../../model/plan.ts";
import { type Source, showPlace, sourceSchema, type Target, targetSchema } from "../../model/source.ts";
import type { PlanView } from "../../model/views.ts";
import { parseWorkloadId } from "../../model/workload.ts";
import { findStage, findTarget, sourcesOf } from "../../pipelines/graph.ts";
import type { Selection } from "../../planning/plan.ts";
import type { Api } from "../app.ts";
import type { ApiContext } from "../context.ts";
import { loadPromotion } from "../views/promotion.ts";

const selectionSchema = z.strictObject({
  workload: z.string().min(1),
  container: z.string().optional(),
  tag: z.string().optional(),
});
const placeSchema = z.union([z.string().min(1), targetSchema]);
const requestSchema = z.strictObject({
  /** A stage or environment by name, or spelled out. */
  target: placeSchema,
  /** Left out: the stage's first source, or the registry. */
  source: z.union([z.string().min(1), sourceSchema]).optional(),
  /** Left out: every workload. Names may be short (`catalogue`) or whole ids. */
  selection: z.array(selectionSchema).max(5_000).optional(),
  message: z.string().max(4_000).default(""),
});
type PromotionRequest = z.infer<typeof requestSchema>;

/** Dry runs, promotions, and what can be done to one under way. */
export function promotionRoutes(app: Api, context: ApiContext): void {
  app.post(
    "/api/v1/plans",
    { schema: { summary: "What a promotion would change; changes nothing", body: requestSchema } },
    async (request): Promise<PlanView> => {
      const { target, source, plans } = await planOf(context, request.body);
      const placed =
        target.kind === "stage"
          ? findStage(context.repositories.configuration, target.pipeline, target.stage)
          : undefined;
      return {
        target,
        source,
        gates: [],
        plans: await Promise.all(plans.map(async (plan) => ({ ...plan, files: await context.planner.preview(plan) }))),
        order: placed?.stage.order ?? "parallel",
      };
    },
  );
  app.post("/api/v1/promotions", { schema: { summary: "Promote", body: requestSchema } }, async (request, reply) => {
    const { target, source, plans } = await planOf(context, request.body);
    if (request.body.selection !== undefined) refuseImpossible(plans);
    const promotion = await context.promotions.create({
      source,
      target,
      by: request.actor,
      message: request.body.message,
      plans,
      request: { id: request.id, address: request.ip },
    });
    return reply.status(201).send(await loadPromotion(context, promotion.id));
  });
  app.get(
    "/api/v1/promotions",
    {
      schema: {
        summary: "Promotions, newest first",
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(200).default(50),
          before: z.string().optional(),
          underWay: z.enum(["true", "false"]).default("false"),
        }),
      },
    },
    async (request) => {
      const { limit, before, underWay } = request.query;
      const promotions = await context.store.promotions.list({
        limit,
        underWay: underWay === "true",
        ...(before === undefined ? {} : { before }),
      });
      const items = await Promise.all(
        promotions.map(async (promotion) => ({
          promotion,
          releases: await context.store.promotions.releases(promotion.id),
        })),
      );
      return { items, next: promotions.length === limit ? promotions.at(-1)!.id : undefined };
    },
  );
  const byId = { params: z.object({ id: z.string() }) };
  app.get("/api/v1/promotions/:id", { schema: { summary: "One promotion, live", ...byId } }, (request) =>
    loadPromotion(context, request.params.id),
  );
  app.post(
    "/api/v1/promotions/:id/abort",
    { schema: { summary: "Stop what is not written yet", ...byId } },
    async (request) => {
      await context.promotions.abort(request.params.id, request.actor);
      return loadPromotion(context, request.params.id);
    },
  );
  app.post(
    "/api/v1/promotions/:id/rollback",
    {
      schema: {
        summary: "Take it back and keep automation from repeating it",
        ...byId,
        body: z.strictObject({ message: z.string().max(4_000).default("") }).default({ message: "" }),
      },
    },
    async (request, reply) => {
      const back = await context.promotions.rollback(request.params.id, request.actor, request.body.message);
      return reply.status(201).send(await loadPromotion(context, back.id));
    },
  );
}

async function planOf(
  context: ApiContext,
  request: PromotionRequest,
): Promise<{ target: Target; source: Source; plans: Plan[] }> {
  const target = placeOf(context, request.target);
  const source =
    request.source === undefined
      ? defaultSource(context, target)
      : request.source === "registry"
        ? ({ kind: "registry" } as const)
        : typeof request.source === "string"
          ? placeOf(context, request.source)
          : request.source;
  checkSource(context, target, source);
  const selection = request.selection === undefined ? undefined : await selectionOf(context, target, request.selection);
  return { target, source, plans: await context.planner.plan({ source, target, selection, automatic: false }) };
}

function placeOf(context: ApiContext, place: string | Target): Target {
  if (typeof place !== "string") return place;
  const found = findTarget(context.repositories.configuration, place);
  if (found === undefined) throw new SluiceError("not_found", `there is no stage or environment "${place}"`);
  if ("ambiguous" in found)
    throw new SluiceError(
      "bad_request",
      `"${place}" is a stage of several pipelines; write one of ${found.ambiguous.join(", ")}`,
    );
  return found;
}

function defaultSource(context: ApiContext, target: Target): Source {
  const placed =
    target.kind === "stage" ? findStage(context.repositories.configuration, target.pipeline, target.stage) : undefined;
  return (placed && sourcesOf(placed)[0]) ?? { kind: "registry" };
}

/** `fromOnly` of a stage binds people too. */
function checkSource(context: ApiContext, target: Target, source: Source): void {
  if (target.kind !== "stage") return;
  const placed = findStage(context.repositories.configuration, target.pipeline, target.stage);
  if (placed === undefined || !placed.stage.fromOnly) return;
  if (!sourcesOf(placed).some((allowed) => JSON.stringify(allowed) === JSON.stringify(source)))
    throw new SluiceError(
      "refused",
      `stage ${target.stage} takes versions only from ${sourcesOf(placed).map(showPlace).join(", ")} (fromOnly: true in pipeline ${target.pipeline})`,
      { help: "Choose that source, or change the pipeline's document." },
    );
}

/** Whole ids for the names people use; an ambiguous or unknown one is told. */
async function selectionOf(context: ApiContext, target: Target, selection: readonly Selection[]): Promise<Selection[]> {
  const names =
    target.kind === "environment"
      ? [target.environment]
      : (findStage(context.repositories.configuration, target.pipeline, target.stage)?.stage.environments ?? []);
  const ids = new Set(
    (await Promise.all(names.map((name) => context.repositories.tree(name)))).flatMap((tree) => [
      ...tree.workloads.keys(),
    ]),
  );
  return selection.map((entry) => {
    if (entry.workload.includes(":")) return entry;
    const wanted = entry.workload.includes("/") ? entry.workload.split("/") : [undefined, entry.workload];
    const matches = [...ids].filter((id) => {
      const parts = parseWorkloadId(id);
      return (
        parts?.name === wanted[1] &&
        (wanted[0] === undefined || parts?.kind === wanted[0] || parts?.namespace === wanted[0])
      );
    });
    if (matches.length === 1) return { ...entry, workload: matches[0]! };
    if (matches.length === 0)
      throw new SluiceError("not_found", `there is no workload "${entry.workload}" in ${showPlace(target)}`);
    throw new SluiceError("bad_request", `"${entry.workload}" could be ${matches.join(" or ")}`);
  });
}

/** What somebody named and a rule forbids is a refusal, not a silent skip; "already there" is none. */
function refuseImpossible(plans: readonly Plan[]): void {
  const items = plans.flatMap((plan) => plan.items.map((item) => ({ ...item, environment: plan.environment })));
  if (plans.some((plan) => changesOf(plan).length > 0)) return;
  const refused = items.find((item) => item.status !== "same");
  if (refused === undefined) return;
  throw new SluiceError(
    refused.status === "absent" ? "not_found" : "refused",
    `${refused.workload} in ${refused.environment}: ${refused.text ?? refused.status}`,
    {
      rule: refused.reason,
      ...(refused.who === undefined ? {} : { who: refused.who, help: `${refused.who} can lift it.` }),
    },
  );
}
