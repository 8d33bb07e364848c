import type { FluxGitConfig, FluxImages, FluxJob, FluxResult, FluxWorkload } from "../../model/flux.ts";
import type { Http } from "../http.ts";

/** Who asks for a change, and why. */
export interface Cause {
  readonly User: string;
  readonly Message: string;
}
/** Every workload, where one stands. */
export const allWorkloads = "<all>";
/** The newest images, where one stands. */
export const newestImages = "<all latest>";

/** What a change writes, in the words of Flux's API. */
export type FluxUpdate =
  | {
      readonly type: "image";
      readonly spec: {
        readonly ServiceSpecs: readonly string[];
        readonly ImageSpec: string;
        readonly Kind: "plan" | "execute";
        readonly Excludes: readonly string[];
        readonly Force: boolean;
      };
    }
  | {
      readonly type: "containers";
      readonly spec: {
        readonly Kind: "execute";
        readonly ContainerSpecs: Readonly<Record<string, NonNullable<FluxResult[string]["PerContainer"]>>>;
        readonly SkipMismatches: boolean;
        readonly Force: boolean;
      };
    }
  | { readonly type: "policy"; readonly spec: Readonly<Record<string, FluxPolicies>> };

/** Policies of one workload to set and to take away, by their keys without prefix. */
export interface FluxPolicies {
  readonly add: Readonly<Record<string, string>>;
  readonly remove: Readonly<Record<string, string>>;
}

/** Flux v1's API of one environment, as the server serves it. */
export class FluxClient {
  readonly environment: string;
  readonly #http: Http;
  readonly #base: string;

  constructor(http: Http, environment: string) {
    this.environment = environment;
    this.#http = http;
    this.#base = `/api/flux/${encodeURIComponent(environment)}`;
  }

  /** The workloads of a namespace, or of all where it is empty. */
  workloads = (namespace: string) => this.#get<readonly FluxWorkload[] | null>("v6/services", { namespace }).then(list);
  workloadsNamed = (ids: readonly string[]) =>
    this.#get<readonly FluxWorkload[] | null>("v11/services", { namespace: "", services: ids.join(",") }).then(list);
  /** The images that one workload, or all of a namespace, could have. */
  images = (service: string, namespace: string) =>
    this.#get<readonly FluxImages[] | null>("v10/images", { service, namespace }).then(list);
  /** Asks for a change, or for what it would do; answers the id of the job that tells. */
  update = (update: FluxUpdate, cause: Cause) =>
    this.#http.post<string>(`${this.#base}/v9/update-manifests`, { type: update.type, cause, spec: update.spec });
  job = (id: string) => this.#get<FluxJob>("v6/jobs", { id });
  /** Where Git is and with which key it is read; `regenerate` asks for another key. */
  gitConfig = (regenerate: boolean) => this.#http.post<FluxGitConfig>(`${this.#base}/v9/git-repo-config`, regenerate);

  #get<T>(path: string, query: Readonly<Record<string, string>>): Promise<T> {
    return this.#http.get<T>(`${this.#base}/${path}`, query);
  }
}

/** Flux's API writes null for an empty list. The answer is by id. */
function list<T extends { readonly ID: string }>(entries: readonly T[] | null): T[] {
  return [...(entries ?? [])].sort((a, b) => (a.ID < b.ID ? -1 : 1));
}
