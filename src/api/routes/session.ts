import { z } from "zod";
import type { InfoView } from "../../model/views.ts";
import type { Api } from "../app.ts";
import { checkSameOrigin, identify, refuseAgent, sessionCookie } from "../auth.ts";
import type { ApiContext } from "../context.ts";

/** Who am I, and signing in: a token typed into the page becomes an HttpOnly cookie. */
export function sessionRoutes(app: Api, context: ApiContext): void {
  app.get(
    "/api/v1/info",
    { schema: { summary: "Version, the caller, and whether this is the trial" } },
    async (request): Promise<InfoView> => ({
      version: context.version,
      trial: context.trial !== undefined,
      actor: request.actor.name,
      now: context.clock.now(),
    }),
  );
  app.post(
    "/api/v1/session",
    {
      config: { public: true },
      schema: { summary: "Sign in with a token", body: z.object({ token: z.string().min(1).max(200) }) },
    },
    async (request, reply) => {
      checkSameOrigin(request);
      const record = await identify(context.store, request.body.token, context.clock.now());
      refuseAgent(record);
      const secure = request.protocol === "https";
      return reply
        .setCookie(sessionCookie, request.body.token, { httpOnly: true, sameSite: "strict", secure, path: "/" })
        .send({ actor: record.name });
    },
  );
  app.delete(
    "/api/v1/session",
    { config: { public: true }, schema: { summary: "Sign out" } },
    async (_request, reply) => reply.clearCookie(sessionCookie, { path: "/" }).send({}),
  );
}
