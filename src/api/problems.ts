import type { FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { SluiceError, toSluiceError } from "../errors.ts";
import type { ApiContext } from "./context.ts";

/** What was kept can be looked at before Git is read; to change something, it has to be known what is there. */
export function notReady(): SluiceError {
  return new SluiceError("unreachable", "The server has started and is still reading Git.", {
    help: "Try again in a moment; the server's log names a repository that does not answer.",
  });
}

/** What a call is answered with that threw; a fault of ours goes to the log with all that is known of it. */
export function answerTo(thrown: unknown, request: FastifyRequest, context: ApiContext): SluiceError {
  const error = asSluiceError(thrown);
  if (error.code === "internal")
    context.log.error("a call failed", {
      id: request.id,
      url: request.url,
      problem: String((thrown as Error).stack),
    });
  return error;
}

/** Any thrown thing as one of our errors: what a schema refuses names its field. */
function asSluiceError(thrown: unknown): SluiceError {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const [first] = thrown.validation;
    const where = first?.instancePath?.replace(/^\//, "").replaceAll("/", ".") ?? "";
    return new SluiceError(
      "bad_request",
      `${where === "" ? "The request" : where}: ${first?.message ?? "is not as expected"}`,
    );
  }
  const status = (thrown as { statusCode?: number }).statusCode;
  if (!(thrown instanceof SluiceError) && status !== undefined && status >= 400 && status < 500)
    return new SluiceError(status === 413 ? "too_large" : "bad_request", (thrown as Error).message);
  return toSluiceError(thrown);
}
