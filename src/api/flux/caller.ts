import type { FastifyRequest } from "fastify";
import { SluiceError } from "../../errors.ts";
import type { Actor } from "../../model/source.ts";
import { oneLine } from "../../planning/trailers.ts";
import { actorOf, checkSameOrigin, identify, refuseAgent } from "../auth.ts";
import type { ApiContext } from "../context.ts";

/**
 * The token in a request of one of Flux's clients: `Scope-Probe token=<token>` as fluxctl sends it, Bearer, or the
 * password of Basic, which fluxctl makes of `https://name:token@host`.
 */
export function fluxToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const probe = /^scope-probe\s+token=(.+)$/i.exec(header) ?? /^bearer\s+(.+)$/i.exec(header);
  if (probe !== null) return probe[1]!.trim();
  const basic = /^basic\s+([A-Za-z0-9+/=_-]+)$/i.exec(header);
  if (basic === null) return undefined;
  const pair = Buffer.from(basic[1]!, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon < 0 || colon === pair.length - 1 ? undefined : pair.slice(colon + 1);
}

/** Who calls; in the trial nobody needs a token. Throws `unauthenticated` or `forbidden`. */
export async function fluxCaller(context: ApiContext, request: FastifyRequest): Promise<Actor> {
  const token = fluxToken(request.headers.authorization);
  if (token === undefined && context.trial !== undefined) return { name: "you", kind: "person" };
  const record = await identify(context.store, token, context.clock.now()).catch(tellFluxctl);
  refuseAgent(record);
  // A browser sends a password along that it once was given, also with calls of other pages.
  checkSameOrigin(request);
  return actorOf(record);
}

/** What to do in the words of those who call here. */
function tellFluxctl(thrown: unknown): never {
  if (!(thrown instanceof SluiceError) || thrown.code !== "unauthenticated") throw thrown;
  throw new SluiceError("unauthenticated", thrown.message, {
    help: "Give fluxctl one: --token, or FLUX_SERVICE_TOKEN (WEAVE_CLOUD_TOKEN goes before it); sluice takes --token or SLUICE_TOKEN. `sluice token create` makes one.",
  });
}

const longest = 200;

/**
 * Who a change is recorded for, and what its commit says besides. The user that a client sends cannot be checked: it
 * is the author where nobody signs in (the trial), and a note beside the token's name elsewhere.
 */
export function authorOf(
  context: ApiContext,
  actor: Actor,
  cause: { readonly user: string; readonly message: string },
): { by: Actor; message: string } {
  const user = oneLine(cause.user).trim().slice(0, longest);
  if (user === "" || user === actor.name) return { by: actor, message: cause.message };
  if (context.trial !== undefined && actor.name === "you")
    return { by: { name: user, kind: "person" }, message: cause.message };
  const note = `Asked for by ${user}, who called as ${actor.name}`;
  return { by: actor, message: cause.message === "" ? note : `${cause.message}\n\n${note}` };
}
