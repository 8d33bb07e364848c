import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { SluiceError } from "../../errors.ts";
import { imageName, parseImage } from "../../model/image.ts";
import type { ApiContext } from "../context.ts";
import { answerTo, notReady } from "../problems.ts";
import { callOf, environmentOf, fluxBase, hidden, parameter, sendJson } from "./call.ts";
import { fluxCaller } from "./caller.ts";
import { allWorkloads, read, readUpdate } from "./codec.ts";
import { fluxError, noSuchEnvironment, noSuchRoute, sendFluxError } from "./errors.ts";
import { fluxGitConfig } from "./identity.ts";
import { fluxImages } from "./images.ts";
import { jobOf } from "./jobs.ts";
import { legacyRoutes } from "./legacy.ts";
import { pendingCommits } from "./sync.ts";
import { carryOut } from "./updates.ts";
import { fluxWorkloads, type Wanted } from "./workloads.ts";

const notice = z.object({
  Kind: z.string(),
  Source: z
    .object({ Name: z.union([z.string(), z.object({}).loose()]).optional() })
    .loose()
    .nullish(),
});

/**
 * Flux v1's HTTP API, as fluxctl 1.25 and older ones call it: one base address an environment. Bodies are JSON whatever
 * their Content-Type says, answers and errors are Flux's.
 */
export async function fluxRoutes(app: FastifyInstance, context: ApiContext): Promise<void> {
  await app.register(async (flux) => {
    flux.removeAllContentTypeParsers();
    flux.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
      try {
        done(null, body === "" ? undefined : JSON.parse(String(body)));
      } catch {
        done(new SluiceError("bad_request", "The body is no JSON."));
      }
    });
    flux.setErrorHandler((thrown, request, reply) =>
      sendFluxError(request, reply, fluxError(answerTo(thrown, request, context))),
    );
    flux.addHook("onRequest", async (request) => {
      request.actor = await fluxCaller(context, request);
      const name = environmentOf(request);
      if (context.repositories.configuration.environments.has(name)) return;
      throw noSuchEnvironment(name, [...context.repositories.configuration.environments.keys()].sort());
    });
    flux.addHook("preHandler", async (request) => {
      if (request.method !== "GET" && request.method !== "HEAD" && !context.isReady()) throw notReady();
    });
    listRoutes(flux, context);
    changeRoutes(flux, context);
    legacyRoutes(flux, context);
    flux.all(`${fluxBase}/*`, hidden, (request, reply) =>
      sendFluxError(request, reply, noSuchRoute(`/${(request.params as Record<string, string>)["*"]}`)),
    );
  });
}

function listRoutes(flux: FastifyInstance, context: ApiContext): void {
  const get = (path: string, answer: (request: FastifyRequest) => Promise<unknown>) =>
    flux.get(fluxBase + path, hidden, async (request, reply) => sendJson(reply, await answer(request)));
  flux.get(`${fluxBase}/v11/ping`, hidden, (_request, reply) => reply.status(204).send());
  get("/v11/version", async () => context.version);
  for (const path of ["/v6/services", "/v11/services"])
    get(path, (request) =>
      fluxWorkloads(context, environmentOf(request), {
        namespace: parameter(request, "namespace"),
        services: parameter(request, "services")
          .split(",")
          .filter((id) => id !== ""),
      }),
    );
  for (const path of ["/v6/images", "/v10/images"])
    get(path, (request) =>
      fluxImages(context, environmentOf(request), wantedImages(request), parameter(request, "containerFields")),
    );
  get("/v6/jobs", (request) => jobOf(context, environmentOf(request), parameter(request, "id")));
  get("/v6/sync", (request) => pendingCommits(context, environmentOf(request), parameter(request, "ref")));
  get("/v6/export", async (request) =>
    Buffer.from(await context.hub.export(environmentOf(request)), "utf8").toString("base64"),
  );
}

function changeRoutes(flux: FastifyInstance, context: ApiContext): void {
  flux.post(`${fluxBase}/v9/update-manifests`, hidden, async (request, reply) =>
    sendJson(reply, await carryOut(context, callOf(request), readUpdate(request.body))),
  );
  flux.post(`${fluxBase}/v9/git-repo-config`, hidden, async (request, reply) =>
    sendJson(reply, await fluxGitConfig(context, environmentOf(request), request.body === true)),
  );
  flux.post(`${fluxBase}/v11/notify`, hidden, async (request, reply) => {
    const { Kind, Source } = read(notice, request.body, "the notice");
    // Only a wake-up: what it says is looked up, never believed.
    if (Kind === "git") void context.repositories.refresh();
    const name = typeof Source?.Name === "string" ? parseImage(Source.Name) : undefined;
    if (Kind === "image" && name !== undefined) context.catalogue.wake(imageName(name), name.tag);
    return reply.status(202).send();
  });
}

function wantedImages(request: FastifyRequest): Wanted {
  const namespace = parameter(request, "namespace");
  const service = parameter(request, "service");
  return { namespace, services: service === "" || service === allWorkloads ? [] : [service] };
}
