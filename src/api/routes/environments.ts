import { z } from "zod";
import { SluiceError } from "../../errors.ts";
import { authorOf } from "../../model/identity.ts";
import { oneLine } from "../../planning/trailers.ts";
import type { Api } from "../app.ts";
import { originOf } from "../auth.ts";
import type { ApiContext } from "../context.ts";
import { loadImages } from "../views/images.ts";
import { loadMatrix, loadPipelines } from "../views/load.ts";
import { loadWhy } from "../views/promotion.ts";
import { loadSync, wishSync } from "../views/sync.ts";

/** What runs where, the images there are, the pipelines, and why things stand as they do. */
export function environmentRoutes(app: Api, context: ApiContext): void {
  app.get("/api/v1/matrix", { schema: { summary: "Every workload in every environment" } }, () => loadMatrix(context));
  app.get("/api/v1/pipelines", { schema: { summary: "Pipelines with what would move into each stage" } }, async () => ({
    pipelines: await loadPipelines(context),
  }));
  app.get(
    "/api/v1/images",
    {
      schema: {
        summary: "Images a workload's containers could have",
        querystring: z.object({ workload: z.string(), limit: z.coerce.number().int().min(1).max(1_000).default(20) }),
      },
    },
    async (request) => ({ containers: await loadImages(context, request.query.workload, request.query.limit) }),
  );
  app.get(
    "/api/v1/why",
    {
      schema: {
        summary: "Why a workload has the version it has in a stage or environment",
        querystring: z.object({ place: z.string(), workload: z.string() }),
      },
    },
    async (request) => ({ answers: await loadWhy(context, request.query.place, request.query.workload) }),
  );
  const byName = { params: z.object({ name: z.string() }) };
  app.post(
    "/api/v1/environments/:name/sync",
    { schema: { summary: "Fetch the branch and have its head applied now", ...byName } },
    async (request) => ({ commit: await wishSync(context, request.params.name) }),
  );
  app.get(
    "/api/v1/environments/:name/sync",
    {
      schema: {
        summary: "How far the agent is on the way to a commit",
        ...byName,
        querystring: z.object({ ref: z.string().min(4).max(40) }),
      },
    },
    (request) => loadSync(context, request.params.name, request.query.ref),
  );
  app.get(
    "/api/v1/environments/:name/export",
    { schema: { summary: "The live workloads and services of an environment as YAML, by its agent", ...byName } },
    async (request, reply) => {
      const { name } = context.repositories.environment(request.params.name);
      return reply.type("application/yaml").send(await context.hub.export(name));
    },
  );
  app.post(
    "/api/v1/environments/:name/prune",
    {
      schema: {
        summary: "Confirm a removal that waits for a person",
        params: z.object({ name: z.string() }),
        body: z.object({ hash: z.string() }),
      },
    },
    async (request) => {
      const { name } = request.params;
      const waiting = context.hub.state(name).report?.prune;
      if (waiting?.hash !== request.body.hash)
        throw new SluiceError(
          "conflict",
          waiting === undefined
            ? `nothing waits to be removed from ${name}`
            : `what waits to be removed from ${name} has changed; look again`,
        );
      const environment = context.repositories.environment(name);
      const { repository, branch } = environment.git;
      const value = `${name} ${waiting.hash}`;
      const result = await context.writer.write({
        repository,
        branch,
        trailer: { key: "Sluice-Prune", value },
        base: (await context.repositories.tree(name)).commit,
        skipCi: environment.commits.skipCi,
        author: authorOf(request.actor),
        at: context.clock.now(),
        edit: async () => ({
          kind: "commit",
          files: new Map(),
          message: `Confirm removing ${waiting.objects.length} of ${waiting.of} objects from ${name}\n\nSluice-Prune: ${value}\nSluice-Environment: ${name}\nSluice-Author: ${oneLine(request.actor.name)}\n`,
        }),
      });
      await context.store.events.append({
        type: "prune.confirmed",
        actor: request.actor,
        environment: name,
        text: `${request.actor.name} confirmed removing ${waiting.objects.length} objects from ${name}`,
        request: originOf(request),
      });
      await context.repositories.takeUp();
      context.hub.sync(name);
      return { commit: result.kind === "written" ? result.commit : undefined };
    },
  );
}
