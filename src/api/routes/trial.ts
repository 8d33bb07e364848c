import { request as call } from "undici";
import { z } from "zod";
import { SluiceError } from "../../errors.ts";
import type { Api } from "../app.ts";
import type { ApiContext } from "../context.ts";

/** The trial panel's calls, handed to the trial world that started this server. Nothing of it exists outside the trial. */
export function trialRoutes(app: Api, context: ApiContext): void {
  const { trial } = context;
  if (trial === undefined) return;
  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/trial/:action",
    config: { beforeReady: true },
    schema: {
      summary: "The trial world: build a version, break something, stop an agent",
      params: z.object({ action: z.string().regex(/^[a-z-]+$/) }),
    },
    handler: async (request, reply) => {
      const answer = await call(`${trial.control}/${request.params.action}`, {
        method: request.method as "GET",
        ...(request.method === "POST"
          ? { body: JSON.stringify(request.body ?? {}), headers: { "content-type": "application/json" } }
          : {}),
      }).catch((cause: unknown) => {
        throw new SluiceError("unreachable", "The trial world does not answer.", {}, { cause });
      });
      const body = (await answer.body.json()) as object;
      return reply.status(answer.statusCode).send(body);
    },
  });
}
