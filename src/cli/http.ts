import { type ErrorCode, type ErrorFacts, SluiceError } from "../errors.ts";
import type { FoundServer } from "./find-server.ts";

const answerMs = 60_000;
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Who calls: a token, or in a trial the name of a person. */
export interface Caller {
  readonly token?: string;
  readonly user?: string;
}
/** Names that may stand in the header of a call without a token. */
const plainName = /^[\w .@-]{1,60}$/;

/** Calls to one server. Refusals and faults of the server are thrown as the SluiceError it sent. */
export class Http {
  readonly server: FoundServer;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(server: FoundServer, { token, user }: Caller) {
    this.server = server;
    const named = token === undefined && user !== undefined && plainName.test(user);
    this.#headers = {
      accept: "application/json",
      ...(named ? { "x-sluice-user": user } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  /** The answer's JSON; `path` begins with a slash. */
  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#json<T>(withQuery(path, query), {});
  }
  post<T>(path: string, body: unknown = {}): Promise<T> {
    const headers = { "content-type": "application/json" };
    return this.#json<T>(path, { method: "POST", headers, body: JSON.stringify(body) });
  }
  /** The answer as text. */
  async text(path: string): Promise<string> {
    return this.#text(await this.call(path, { signal: AbortSignal.timeout(answerMs) }));
  }

  /** The answer itself, when it is a good one. */
  async call(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...this.#headers, ...(init.headers as Record<string, string> | undefined) };
    let response: Response;
    try {
      response = await fetch(this.server.url + path, { ...init, headers, redirect: "error" });
    } catch (cause) {
      if (init.signal?.aborted && (init.signal.reason as Error | undefined)?.name !== "TimeoutError") throw cause;
      throw this.#unreachable(reasonOf(cause), cause);
    }
    if (response.ok) return response;
    throw this.#refusal(response.status, await this.#body(response));
  }

  async #json<T>(path: string, init: RequestInit): Promise<T> {
    const response = await this.call(path, { ...init, signal: AbortSignal.timeout(answerMs) });
    return (await this.#body(response)) as T;
  }

  async #text(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (cause) {
      throw this.#unreachable("the connection broke", cause);
    }
  }

  async #body(response: Response): Promise<unknown> {
    const text = await this.#text(response);
    try {
      return JSON.parse(text);
    } catch {
      throw this.#unreachable(`it answers ${response.status} without JSON, so it is no Sluice server`);
    }
  }

  #refusal(status: number, body: unknown): SluiceError {
    const { error } = body as { error?: unknown };
    if (typeof error === "string") return fluxRefusal(status, error, body as FluxProblem);
    const sent = (error ?? {}) as { code?: unknown; message?: unknown; help?: unknown; facts?: unknown };
    if (typeof sent.code !== "string" || typeof sent.message !== "string")
      return this.#unreachable(`it answers ${status}, not as a Sluice server would`);
    const facts = (typeof sent.facts === "object" && sent.facts !== null ? sent.facts : {}) as ErrorFacts;
    const code = SluiceError.isCode(sent.code) ? sent.code : "internal";
    return new SluiceError(code, sent.message, {
      ...facts,
      ...(typeof sent.help === "string" ? { help: sent.help } : {}),
    });
  }

  #unreachable(why: string, cause?: unknown): SluiceError {
    const { url, from } = this.server;
    return new SluiceError(
      "unreachable",
      `Cannot reach ${url} (from ${from}): ${why}.`,
      {
        help: from.endsWith(".json")
          ? "Does the trial still run? Start it with `sluice demo`, or name a server with --server or SLUICE_SERVER."
          : "Is the server running, and the address right?",
      },
      { cause },
    );
  }
}

/** An error as Flux's API sends it: whose fault, and a help text that begins with the message. */
interface FluxProblem {
  readonly type?: unknown;
  readonly help?: unknown;
}
const fluxCodes: Readonly<Record<number, ErrorCode>> = {
  400: "bad_request",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  503: "unreachable",
};
function fluxRefusal(status: number, message: string, { type, help }: FluxProblem): SluiceError {
  const text = typeof help === "string" ? help.trim() : "";
  const rest = text.startsWith(message) ? text.slice(message.length).trim() : text;
  const code = fluxCodes[status] ?? (type === "user" ? "refused" : "internal");
  return new SluiceError(code, message, rest === "" ? {} : { help: rest });
}

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

function reasonOf(thrown: unknown): string {
  const error = thrown as { name?: string; message?: string; cause?: { code?: string; message?: string } };
  if (error.name === "TimeoutError") return `no answer within ${answerMs / 1_000} s`;
  const { code, message } = error.cause ?? {};
  if (code === "ECONNREFUSED") return "nothing listens there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name is not known";
  return message || code || error.message || "the connection failed";
}
