import type { FastifyReply, FastifyRequest } from "fastify";
import type { CallOrigin } from "../../model/event.ts";
import type { Actor } from "../../model/source.ts";
import { originOf } from "../auth.ts";

/** Where Flux v1's API of each environment stands. */
export const fluxBase = "/api/flux/:environment";
/** Flux's routes are described by Flux, not in our document. */
export const hidden = { schema: { hide: true } };

/** A call that changes something: who, from where, about which environment. */
export interface FluxCall {
  readonly environment: string;
  readonly actor: Actor;
  readonly request: CallOrigin;
}

/** The environment an address names. */
export function environmentOf(request: FastifyRequest): string {
  return (request.params as { environment: string }).environment;
}
/** Who calls from where about which environment. */
export function callOf(request: FastifyRequest): FluxCall {
  return {
    environment: environmentOf(request),
    actor: request.actor,
    request: originOf(request),
  };
}
/** A parameter of the query; empty when it is left out. */
export function parameter(request: FastifyRequest, name: string): string {
  return parameters(request, name)[0] ?? "";
}
/** Every value of a parameter that may be given several times. */
export function parameters(request: FastifyRequest, name: string): readonly string[] {
  const value = (request.query as Record<string, string | string[] | undefined>)[name];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
/** Sends a value as JSON: a text alone is a JSON string, too. */
export function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.type("application/json; charset=utf-8").send(JSON.stringify(value));
}
