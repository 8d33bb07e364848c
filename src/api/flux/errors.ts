import type { FastifyReply, FastifyRequest } from "fastify";
import { SluiceError } from "../../errors.ts";
import type { FluxError } from "../../model/flux.ts";

/** An error as Flux's clients know it: whose fault it is, the message, and the help, which is all that fluxctl prints. */
export interface FluxAnswer {
  readonly status: number;
  readonly body: FluxError;
}

const missing = new Set(["not_found"]);
const ours = new Set(["git_failed", "registry_failed", "cluster_failed", "unreachable", "internal"]);

/**
 * Our error in Flux's shape: `missing` 404, `server` 500, `user` 422. A missing or wrong token is 403, for fluxctl prints
 * a fixed text about environment variables at 401 and the help at 403.
 */
export function fluxError(error: SluiceError): FluxAnswer {
  const help = `${error.message}\n\n${error.help}\n`;
  const body = (type: FluxError["type"]): FluxError => ({ type, help, error: error.message });
  if (error.code === "unauthenticated" || error.code === "forbidden") return { status: 403, body: body("user") };
  if (error.code === "bad_request") return { status: 400, body: body("user") };
  if (missing.has(error.code)) return { status: 404, body: body("missing") };
  if (ours.has(error.code)) return { status: error.code === "unreachable" ? 503 : 500, body: body("server") };
  return { status: 422, body: body("user") };
}

/** Sends an error as JSON, or as text to those who ask for text (the help) or for nothing (the message), as Flux does. */
export function sendFluxError(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body }: FluxAnswer,
): FastifyReply {
  const { accept } = request.headers;
  if (accept === undefined || /^text\/plain\b/.test(accept))
    return reply
      .status(status)
      .type("text/plain; charset=utf-8")
      .send(accept === undefined ? body.error : body.help);
  return reply.status(status).type("application/json; charset=utf-8").send(JSON.stringify(body));
}

/** What a client asked for that Flux v1 never had, or had before version 6. */
export function noSuchRoute(path: string): FluxAnswer {
  if (/^\/?v[1-5]\//.test(path))
    return {
      status: 410,
      body: {
        type: "missing",
        error: "API endpoint deprecated",
        help: `${path} belongs to an old version of Flux's API that is no longer served.\n\nUse fluxctl 1.25, or the \`sluice\` command.\n`,
      },
    };
  return {
    status: 404,
    body: {
      type: "missing",
      error: "API endpoint not found",
      help: `There is no ${path.slice(0, 200)} in Flux's API as it is served here.\n\nGive fluxctl the address of one environment, for example https://SLUICE/api/flux/dev, and use version 1.25.\n`,
    },
  };
}

/** The environment that an address names; throws `not_found` with what to write instead. */
export function noSuchEnvironment(name: string, known: readonly string[]): SluiceError {
  return new SluiceError("not_found", `There is no environment "${name.slice(0, 100)}".`, {
    help:
      known.length === 0
        ? "No environment is configured yet."
        : `There ${known.length === 1 ? "is" : "are"} ${known.join(", ")}. Give fluxctl the address of one: --url https://SLUICE/api/flux/${known[0]}.`,
  });
}
