import type { SluiceEvent } from "../model/event.ts";
import type { PolicyChange, PolicyUpdate } from "../model/policy.ts";
import type { Promotion, Release } from "../model/release.ts";
import type {
  ImagesView,
  InfoView,
  MatrixView,
  PipelineView,
  PlanView,
  PromotionView,
  SyncView,
  WhyView,
} from "../model/views.ts";
import { readEventStream, type ServerSentEvent } from "./event-stream.ts";
import type { FoundServer } from "./find-server.ts";
import type { Http, Query } from "./http.ts";

/** What a plan or a promotion asks for; places are names of stages or environments, or `registry`. */
export interface PromotionRequest {
  readonly target: string;
  readonly source?: string;
  readonly selection?: readonly Selected[];
  /** An image with its tag, for every container selected that uses it. */
  readonly image?: string;
  /** Workloads that stay as they are, short names or whole ids. */
  readonly exclude?: readonly string[];
  /** Breaks the locks and filters of what is selected; wants a message. */
  readonly force?: boolean;
  readonly message?: string;
}
export interface Selected {
  readonly workload: string;
  readonly container?: string;
  readonly tag?: string;
  /** The image that Git must name now, or it is refused. */
  readonly from?: string;
}
export interface PromotionListItem {
  readonly promotion: Promotion;
  readonly releases: readonly Release[];
}
/** What shall change of the policies of a stage's environments, or of one environment. */
export interface PolicyRequest {
  readonly target: string;
  readonly updates: readonly PolicyUpdate[];
  readonly message: string;
}

/** The server's REST API, typed. */
export class Client {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }
  get server(): FoundServer {
    return this.#http.server;
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
    this.#get<{ readonly items: readonly PromotionListItem[] }>("promotions", { limit, underWay });
  promotion = (id: string) => this.#get<PromotionView>(`promotions/${encodeURIComponent(id)}`);
  abort = (id: string) => this.#post<PromotionView>(`promotions/${encodeURIComponent(id)}/abort`);
  rollback = (id: string, message: string) =>
    this.#post<PromotionView>(`promotions/${encodeURIComponent(id)}/rollback`, { message });
  /** Answers when each environment has its commit, or after a while with what it is then. */
  changePolicies = (request: PolicyRequest) =>
    this.#post<{ readonly changes: readonly PolicyChange[] }>("policy-changes", request);
  policyChange = (id: string) => this.#get<PolicyChange>(`policy-changes/${encodeURIComponent(id)}`);
  /** Wishes that an environment's agent applies the head of its branch now; answers that commit. */
  sync = (environment: string) => this.#post<{ readonly commit: string }>(`${placeOf(environment)}/sync`);
  /** How far an environment's agent is on the way to a commit. */
  synced = (environment: string, commit: string) =>
    this.#get<SyncView>(`${placeOf(environment)}/sync`, { ref: commit });
  /** The live objects of an environment as YAML. */
  exported = (environment: string) => this.#http.text(`/api/v1/${placeOf(environment)}/export`);
  confirmPrune = (environment: string, hash: string) => this.#post<object>(`${placeOf(environment)}/prune`, { hash });
  events = (query: Query) => this.#get<{ readonly events: readonly SluiceEvent[] }>("events", query);
  /** An action of the trial world; `body` left out asks for its state. */
  trial = (action: string, body?: object) =>
    body === undefined ? this.#get<object>(`trial/${action}`) : this.#post<object>(`trial/${action}`, body);

  /** What happens from now on, or after an event's number, until the signal ends it or the connection breaks. */
  async *stream(signal: AbortSignal, after?: number): AsyncGenerator<ServerSentEvent> {
    const query = after === undefined ? "" : `?after=${after}`;
    const response = await this.#http.call(`/api/v1/stream${query}`, {
      headers: { accept: "text/event-stream" },
      signal,
    });
    if (response.body !== null) yield* readEventStream(response.body);
  }

  #get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#http.get<T>(`/api/v1/${path}`, query);
  }
  #post<T>(path: string, body: object = {}): Promise<T> {
    return this.#http.post<T>(`/api/v1/${path}`, body);
  }
}

function placeOf(environment: string): string {
  return `environments/${encodeURIComponent(environment)}`;
}
