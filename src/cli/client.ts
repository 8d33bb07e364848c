import { type ErrorFacts, SluiceError } from "../errors.ts";
import type { SluiceEvent } from "../model/event.ts";
import type { Promotion, Release } from "../model/release.ts";
import type {
  ImagesView,
  InfoView,
  MatrixView,
  PipelineView,
  PlanView,
  PromotionView,
  WhyView,
} from "../model/views.ts";
import { readEventStream, type ServerSentEvent } from "./event-stream.ts";
import type { FoundServer } from "./find-server.ts";

const answerMs = 60_000;

/** What a plan or a promotion asks for; places are names of stages or environments, or `registry`. */
export interface PromotionRequest {
  readonly target: string;
  readonly source?: string;
  readonly selection?: readonly { readonly workload: string; readonly container?: string; readonly tag?: string }[];
  readonly message?: string;
}
export interface PromotionListItem {
  readonly promotion: Promotion;
  readonly releases: readonly Release[];
}

/** The server's API, typed. Refusals and faults are thrown as the SluiceError the server sent. */
export class Client {
  readonly server: FoundServer;
  readonly #headers: Record<string, string>;

  constructor(server: FoundServer, token: string | undefined, user: string | undefined) {
    this.server = server;
    this.#headers = {
      accept: "application/json",
      ...(token === undefined ? (user === undefined ? {} : { "x-sluice-user": user }) : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  info = () => this.#get<InfoView>("info");
  matrix = () => this.#get<MatrixView>("matrix");
  pipelines = () => this.#get<{ readonly pipelines: readonly PipelineView[] }>("pipelines");
  images = (workload: string, limit: number) =>
    this.#get<{ readonly containers: readonly ImagesView[] }>("images", { workload, limit });
  why = (place: string, workload: string) =>
    this.#get<{ readonly answers: readonly WhyView[] }>("why", { place, workload });
  plan = (request: PromotionRequest) => this.#post<PlanView>("plans", request);
  promote = (request: PromotionRequest) => this.#post<PromotionView>("promotions", request);
  promotions = (limit: number, underWay: boolean) =>
    this.#get<{ readonly items: readonly PromotionListItem[] }>("promotions", { limit, underWay: String(underWay) });
  promotion = (id: string) => this.#get<PromotionView>(`promotions/${encodeURIComponent(id)}`);
  abort = (id: string) => this.#post<PromotionView>(`promotions/${encodeURIComponent(id)}/abort`);
  rollback = (id: string, message: string) =>
    this.#post<PromotionView>(`promotions/${encodeURIComponent(id)}/rollback`, { message });
  confirmPrune = (environment: string, hash: string) =>
    this.#post<object>(`environments/${encodeURIComponent(environment)}/prune`, { hash });
  events = (query: Readonly<Record<string, string | number | undefined>>) =>
    this.#get<{ readonly events: readonly SluiceEvent[] }>("events", query);
  /** An action of the trial world; `body` left out asks for its state. */
  trial = (action: string, body?: object) =>
    body === undefined ? this.#get<object>(`trial/${action}`) : this.#post<object>(`trial/${action}`, body);

  /** What happens from now on, or after an event's number, until the signal ends it or the connection breaks. */
  async *stream(signal: AbortSignal, after?: number): AsyncGenerator<ServerSentEvent> {
    const query = after === undefined ? "" : `?after=${after}`;
    const response = await this.#call(`stream${query}`, { headers: { accept: "text/event-stream" }, signal });
    if (response.body !== null) yield* readEventStream(response.body);
  }

  #get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
    const text = search.toString();
    return this.#json<T>(text === "" ? path : `${path}?${text}`, {});
  }
  #post<T>(path: string, body: object = {}): Promise<T> {
    return this.#json<T>(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }
  async #json<T>(path: string, init: RequestInit): Promise<T> {
    const response = await this.#call(path, { ...init, signal: AbortSignal.timeout(answerMs) });
    return (await this.#body(response)) as T;
  }

  async #call(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...this.#headers, ...(init.headers as Record<string, string> | undefined) };
    let response: Response;
    try {
      response = await fetch(`${this.server.url}/api/v1/${path}`, { ...init, headers, redirect: "error" });
    } catch (cause) {
      if (init.signal?.aborted && (init.signal.reason as Error | undefined)?.name !== "TimeoutError") throw cause;
      throw this.#unreachable(reasonOf(cause), cause);
    }
    if (response.ok) return response;
    throw this.#refusal(response.status, await this.#body(response));
  }

  async #body(response: Response): Promise<unknown> {
    let text: string;
    try {
      text = await response.text();
    } catch (cause) {
      throw this.#unreachable("the connection broke", cause);
    }
    try {
      return JSON.parse(text);
    } catch {
      throw this.#unreachable(`it answers ${response.status} without JSON, so it is no Sluice server`);
    }
  }

  #refusal(status: number, body: unknown): SluiceError {
    const sent = (body as { error?: { code?: unknown; message?: unknown; help?: unknown; facts?: unknown } }).error;
    if (typeof sent?.code !== "string" || typeof sent.message !== "string")
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

function reasonOf(thrown: unknown): string {
  const error = thrown as { name?: string; message?: string; cause?: { code?: string; message?: string } };
  if (error.name === "TimeoutError") return `no answer within ${answerMs / 1_000} s`;
  const { code, message } = error.cause ?? {};
  if (code === "ECONNREFUSED") return "nothing listens there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name is not known";
  return message || code || error.message || "the connection failed";
}
