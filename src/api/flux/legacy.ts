import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { callOf, fluxBase, hidden, parameter, parameters, sendJson } from "./call.ts";
import { readUpdate } from "./codec.ts";
import { cannotRegenerate, fluxIdentity } from "./identity.ts";
import { carryOut } from "./updates.ts";

/** What clients before version 9 of the API called: the same updates, spelled in the address. */
export function legacyRoutes(flux: FastifyInstance, context: ApiContext): void {
  flux.post(`${fluxBase}/v6/update-images`, hidden, async (request, reply) => {
    const update = readUpdate({
      type: "image",
      cause: { Message: parameter(request, "message"), User: parameter(request, "user") },
      spec: {
        ServiceSpecs: parameters(request, "service"),
        ImageSpec: parameter(request, "image"),
        Kind: parameter(request, "kind"),
        Excludes: parameters(request, "exclude"),
      },
    });
    return sendJson(reply, await carryOut(context, callOf(request), update));
  });
  flux.patch(`${fluxBase}/v6/policies`, hidden, async (request, reply) => {
    const update = readUpdate({
      type: "policy",
      cause: { Message: parameter(request, "message"), User: parameter(request, "user") },
      spec: request.body,
    });
    return sendJson(reply, await carryOut(context, callOf(request), update));
  });
  flux.get(`${fluxBase}/v6/identity.pub`, hidden, async (_request, reply) =>
    sendJson(reply, await fluxIdentity(context)),
  );
  flux.post(`${fluxBase}/v6/identity.pub`, hidden, async () => {
    throw cannotRegenerate();
  });
}
