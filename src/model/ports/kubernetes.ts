import type { KubeKind, KubeObject } from "../kubernetes.ts";

export interface ApiResource extends KubeKind {
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}
export interface ListResult {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}
export type WatchEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: KubeObject }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string }
  /** The server forgot the version asked for (410): list again. */
  | { readonly type: "EXPIRED" }
  | { readonly type: "ERROR"; readonly message: string };

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}
export interface ApplyOptions {
  readonly fieldManager: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}
/**
 * The Kubernetes API as far as Sluice uses it. Calls that fail throw `cluster_failed` with facts {status, reason};
 * reads answer undefined for 404. Every call has a deadline and takes a signal.
 */
export interface KubernetesClient {
  /** What kinds the server has; cached, `refresh` asks again (after a CRD was applied). */
  resources(refresh?: boolean): Promise<readonly ApiResource[]>;
  resource(kind: KubeKind): Promise<ApiResource | undefined>;
  get(kind: KubeKind, namespace: string | undefined, name: string): Promise<KubeObject | undefined>;
  /** All pages of a list. */
  list(kind: KubeKind, options?: ListOptions): Promise<ListResult>;
  /** Events after a version until the server or the signal ends it; never throws for a broken line, it yields ERROR. */
  watch(kind: KubeKind, resourceVersion: string, options: ListOptions, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Server-side apply. */
  apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  create(object: KubeObject): Promise<KubeObject>;
  /** Replaces an object (with its resourceVersion), or its status. */
  update(object: KubeObject, subresource?: "status"): Promise<KubeObject>;
  /** JSON merge patch. */
  patch(
    kind: KubeKind,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    subresource?: "status",
  ): Promise<KubeObject>;
  /** Deletes in the background; false when it was gone already. `uid` makes sure it is the one meant, `graceSeconds` 0 that it goes at once. */
  remove(
    kind: KubeKind,
    namespace: string | undefined,
    name: string,
    options?: { uid?: string | undefined; graceSeconds?: number },
  ): Promise<boolean>;
  /** Posts to a subresource such as `binding`. */
  post(kind: KubeKind, namespace: string | undefined, name: string, subresource: string, body: unknown): Promise<void>;
  close(): Promise<void>;
}
