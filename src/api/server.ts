import cookie from "@fastify/cookie";
import fastifyStatic from "@fastify/static";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyRequest } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { SluiceError } from "../errors.ts";
import type { Actor } from "../model/source.ts";
import type { Api } from "./app.ts";
import { actorOf, checkSameOrigin, checkTrialOrigin, identify, presentedToken, refuseAgent } from "./auth.ts";
import type { ApiContext } from "./context.ts";
import { fluxBase } from "./flux/call.ts";
import { fluxRoutes } from "./flux/routes.ts";
import { answerTo, notReady } from "./problems.ts";
import { agentRoutes } from "./routes/agent.ts";
import { environmentRoutes } from "./routes/environments.ts";
import { eventRoutes } from "./routes/events.ts";
import { hookRoutes } from "./routes/hooks.ts";
import { policyRoutes } from "./routes/policies.ts";
import { promotionRoutes } from "./routes/promotions.ts";
import { sessionRoutes } from "./routes/session.ts";
import { trialRoutes } from "./routes/trial.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls; set before every route that is not public. */
    actor: Actor;
  }
  interface FastifyContextConfig {
    /** Answers without a token: health, signing in, wake-ups that check a secret of their own, the agents' connection. */
    public?: boolean;
    /** Changes nothing that Git has to be read for, so it works as soon as the server answers. */
    beforeReady?: boolean;
  }
}

/** The HTTP face: REST under /api/v1, the event stream, the agents' WebSocket, health and the page. */
export async function createApi(context: ApiContext): Promise<Api> {
  const app = Fastify({
    bodyLimit: 1024 * 1024,
    forceCloseConnections: true,
    requestTimeout: 60_000,
    genReqId: () => crypto.randomUUID(),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(cookie);
  await app.register(swagger, {
    openapi: {
      info: { title: "Sluice", version: context.version, description: "What runs where, and how it moves." },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });
  app.decorateRequest("actor", undefined as unknown as Actor);
  // The route that was found decides, never the text of the address: there are many ways to write one. And before the
  // body is read, so that a stranger learns and costs nothing.
  app.addHook("onRequest", async (request) => {
    if (!request.routeOptions.url?.startsWith("/api/")) return;
    if (context.trial !== undefined) checkTrialOrigin(request);
    // Flux's API has its own ways to show a token and to refuse.
    if (request.routeOptions.config.public === true || request.routeOptions.url.startsWith(fluxBase)) return;
    request.actor = await callerOf(context, request);
    const { beforeReady = request.method === "GET" || request.method === "HEAD" } = request.routeOptions.config;
    if (!beforeReady && !context.isReady()) throw notReady();
  });
  app.setErrorHandler((thrown, request, reply) => {
    const error = answerTo(thrown, request, context);
    return reply.status(error.status).send({ error: error.toJSON(), request: request.id });
  });
  app.get("/healthz", { config: { public: true }, schema: { hide: true } }, async () => ({ ok: true }));
  app.get("/readyz", { config: { public: true }, schema: { hide: true } }, async () => {
    if (!context.isReady()) throw notReady();
    return { ok: true, configuration: context.repositories.configuration.commit };
  });
  app.get("/api/v1/openapi.json", { config: { public: true }, schema: { hide: true } }, async () => app.swagger());
  for (const routes of [
    sessionRoutes,
    environmentRoutes,
    promotionRoutes,
    policyRoutes,
    eventRoutes,
    hookRoutes,
    agentRoutes,
    trialRoutes,
  ])
    routes(app, context);
  await fluxRoutes(app, context);
  await servePage(app, context.web);
  return app;
}

async function callerOf(context: ApiContext, request: FastifyRequest): Promise<Actor> {
  const token = presentedToken(request);
  if (token === undefined && context.trial !== undefined) {
    const name = request.headers["x-sluice-user"];
    return { name: typeof name === "string" && /^[\w .@-]{1,60}$/.test(name) ? name : "you", kind: "person" };
  }
  const record = await identify(context.store, token, context.clock.now());
  refuseAgent(record);
  if (request.headers.authorization === undefined) checkSameOrigin(request);
  return actorOf(record);
}

async function servePage(app: Api, web: string | undefined): Promise<void> {
  const missing = (url: string) => new SluiceError("not_found", `there is nothing at ${url.slice(0, 200)}`);
  if (web !== undefined)
    await app.register(fastifyStatic, {
      root: web,
      wildcard: false,
      immutable: true,
      maxAge: "30d",
      setHeaders: (reply, path) => {
        if (path.endsWith(".html")) reply.header("cache-control", "no-cache");
      },
    });
  app.setNotFoundHandler((request, reply) => {
    if (web === undefined || request.method !== "GET" || /^\/(api|assets)\//.test(request.url))
      throw missing(request.url);
    return reply.header("cache-control", "no-cache").sendFile("index.html", { immutable: false, maxAge: 0 });
  });
}
