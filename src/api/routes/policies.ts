import { z } from "zod";
import { type PolicyChange, type PolicyUpdate, policyUpdateSchema } from "../../model/policy.ts";
import { type Actor, type Target, targetSchema } from "../../model/source.ts";
import { environmentsOf } from "../../pipelines/graph.ts";
import type { Api } from "../app.ts";
import { originOf } from "../auth.ts";
import type { ApiContext } from "../context.ts";
import { targetOf, workloadNames } from "../names.ts";

/** How long an answer waits for the commit; who wants to know later asks again by id. */
const waitMs = 15_000;

const requestSchema = z.strictObject({
  /** A stage or environment by name, or spelled out. A stage means each of its environments. */
  target: z.union([z.string().min(1), targetSchema]),
  /** Workloads may be short names (`catalogue`) or whole ids. */
  updates: z.array(policyUpdateSchema).min(1).max(1_000),
  message: z.string().max(4_000).default(""),
});

/** Changes of what may happen to workloads by themselves: automated, locked, tag filters. */
export function policyRoutes(app: Api, context: ApiContext): void {
  app.post(
    "/api/v1/policy-changes",
    { schema: { summary: "Change policies of workloads, one commit for each environment", body: requestSchema } },
    async (request, reply): Promise<{ changes: PolicyChange[] }> => {
      const target = targetOf(context, request.body.target);
      const idOf = await workloadNames(context, target);
      const updates = request.body.updates.map((update) => ({
        ...signed(update, request.actor),
        workload: idOf(update.workload),
      }));
      const accepted: string[] = [];
      for (const { environment, own } of await byEnvironment(context, target, updates)) {
        const change = await context.policies.create({
          environment,
          by: request.actor,
          message: request.body.message,
          updates: own,
          request: originOf(request),
        });
        accepted.push(change.id);
      }
      const changes = await Promise.all(accepted.map((id) => context.policies.settled(id, waitMs)));
      return reply.status(201).send({ changes });
    },
  );
  app.get(
    "/api/v1/policy-changes",
    {
      schema: {
        summary: "Policy changes, newest first",
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(200).default(50),
          environment: z.string().optional(),
          before: z.string().optional(),
        }),
      },
    },
    async (request) => {
      const { limit, environment, before } = request.query;
      const items = await context.store.changes.list({
        limit,
        ...(environment === undefined ? {} : { environment }),
        ...(before === undefined ? {} : { before }),
      });
      return { items, next: items.length === limit ? items.at(-1)!.id : undefined };
    },
  );
  app.get(
    "/api/v1/policy-changes/:id",
    {
      schema: { summary: "One policy change, and what became of each workload", params: z.object({ id: z.string() }) },
    },
    (request) => context.policies.get(request.params.id),
  );
}

/** A lock says who locked it, so that others know whom to ask. */
function signed(update: PolicyUpdate, actor: Actor): PolicyUpdate {
  if (update.add.locked !== "true" || update.add.locked_user !== undefined) return update;
  return { ...update, add: { ...update.add, locked_user: actor.name } };
}

/** A region that does not have a workload is left out for it; what no environment has is asked of each, which says so. */
async function byEnvironment(
  context: ApiContext,
  target: Target,
  updates: readonly PolicyUpdate[],
): Promise<{ environment: string; own: PolicyUpdate[] }[]> {
  const { repositories } = context;
  const places = await Promise.all(
    environmentsOf(repositories.configuration, target).map(async (environment) => ({
      environment,
      workloads: (await repositories.tree(environment)).workloads,
    })),
  );
  return places
    .map(({ environment, workloads }) => ({
      environment,
      own: updates.filter(
        ({ workload }) => workloads.has(workload) || !places.some((place) => place.workloads.has(workload)),
      ),
    }))
    .filter(({ own }) => own.length > 0);
}
