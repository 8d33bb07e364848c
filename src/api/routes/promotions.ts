import { z } from "zod";
import type { PlanView } from "../../model/views.ts";
import { findStage } from "../../pipelines/graph.ts";
import type { Api } from "../app.ts";
import { originOf } from "../auth.ts";
import type { ApiContext } from "../context.ts";
import { planOf, promotionRequestSchema, refuseImpossible, refuseSilentForce } from "../promotionRequest.ts";
import { loadPromotion } from "../views/promotion.ts";

/** Dry runs, promotions, and what can be done to one under way. */
export function promotionRoutes(app: Api, context: ApiContext): void {
  app.post(
    "/api/v1/plans",
    { schema: { summary: "What a promotion would change; changes nothing", body: promotionRequestSchema } },
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
  app.post(
    "/api/v1/promotions",
    { schema: { summary: "Promote", body: promotionRequestSchema } },
    async (request, reply) => {
      const { target, source, plans } = await planOf(context, request.body);
      refuseImpossible(request.body, plans);
      refuseSilentForce(plans, request.body.message);
      const promotion = await context.promotions.create({
        source,
        target,
        by: request.actor,
        message: request.body.message,
        plans,
        request: originOf(request),
      });
      return reply.status(201).send(await loadPromotion(context, promotion.id));
    },
  );
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
      await context.promotions.abort(request.params.id, request.actor, originOf(request));
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
      const back = await context.promotions.rollback(
        request.params.id,
        request.actor,
        request.body.message,
        originOf(request),
      );
      return reply.status(201).send(await loadPromotion(context, back.id));
    },
  );
}
