import { SluiceError } from "../errors.ts";
import type { KubeKind, KubeObject } from "../model/kubernetes.ts";
import type { ApiResource, KubernetesClient, ListOptions, ListResult, WatchEvent } from "../model/ports/kubernetes.ts";
import type { ClusterAccess } from "./config.ts";
import { type Discovery, discover } from "./discovery.ts";
import { Transport } from "./transport.ts";

const pageSize = "500";

/** A client of one API server. */
export function createKubernetesClient(access: ClusterAccess): KubernetesClient {
  const transport = new Transport(access);
  let known: Promise<Discovery> | undefined;
  const byKind = new Map<string, ApiResource>();

  const learn = (refresh = false): Promise<Discovery> => {
    if (known === undefined || refresh) {
      const asked = discover(transport);
      known = asked;
      asked.then(
        ({ resources }) => {
          byKind.clear();
          for (const entry of resources) byKind.set(`${entry.apiVersion} ${entry.kind}`, entry);
        },
        () => {
          if (known === asked) known = undefined;
        },
      );
    }
    return known;
  };
  const resource = async (kind: KubeKind): Promise<ApiResource | undefined> => {
    const { missing } = await learn();
    const found = byKind.get(`${kind.apiVersion} ${kind.kind}`);
    if (found !== undefined || !missing.includes(kind.apiVersion)) return found;
    // Its version could not be read the last time, so that not to find it says nothing.
    if ((await learn(true)).missing.includes(kind.apiVersion))
      throw new SluiceError("cluster_failed", `the cluster does not answer what kinds ${kind.apiVersion} has`, {
        status: 503,
        reason: "ServiceUnavailable",
      });
    return byKind.get(`${kind.apiVersion} ${kind.kind}`);
  };
  const pathOf = async (kind: KubeKind, namespace?: string, name?: string, subresource?: string): Promise<string> => {
    const found = (await resource(kind)) ?? (await learn(true).then(() => resource(kind)));
    if (found === undefined)
      throw new SluiceError("cluster_failed", `the cluster has no kind ${kind.kind} in ${kind.apiVersion}`, {
        status: 404,
        reason: "NoKind",
      });
    const parts = [found.apiVersion.includes("/") ? `/apis/${found.apiVersion}` : `/api/${found.apiVersion}`];
    if (found.namespaced && namespace !== undefined) parts.push("namespaces", encodeURIComponent(namespace));
    parts.push(found.plural);
    if (name !== undefined) parts.push(encodeURIComponent(name));
    if (subresource !== undefined) parts.push(subresource);
    return parts.join("/");
  };
  const pathOfObject = (object: KubeObject, subresource?: string) =>
    pathOf(object, object.metadata.namespace, object.metadata.name, subresource);

  return {
    resources: async (refresh) => (await learn(refresh)).resources,
    resource,
    async get(kind, namespace, name) {
      try {
        return await transport.call<KubeObject>("GET", await pathOf(kind, namespace, name));
      } catch (error) {
        if (error instanceof SluiceError && error.facts.status === 404) return undefined;
        throw error;
      }
    },
    async list(kind, options = {}): Promise<ListResult> {
      const path = await pathOf(kind, options.namespace);
      try {
        return await listPages(transport, path, kind, options, pageSize);
      } catch (error) {
        // Between two pages the server forgot the version of the first; one long page needs no memory.
        if (!isGone(error)) throw error;
        return listPages(transport, path, kind, options, undefined);
      }
    },
    async *watch(kind, resourceVersion, options, signal): AsyncIterable<WatchEvent> {
      const path = await pathOf(kind, options.namespace);
      const query = {
        watch: "1",
        allowWatchBookmarks: "true",
        resourceVersion,
        timeoutSeconds: "290",
        ...selectors(options),
      };
      try {
        for await (const line of transport.lines(path, query, signal)) yield readEvent(line, kind);
      } catch (error) {
        if (signal.aborted) return;
        if (isGone(error)) yield { type: "EXPIRED" };
        else throw error;
      }
    },
    async apply(object, options) {
      return transport.call("PATCH", await pathOfObject(object), {
        body: object,
        contentType: "application/apply-patch+yaml",
        query: {
          fieldManager: options.fieldManager,
          force: options.force ? "true" : undefined,
          dryRun: options.dryRun ? "All" : undefined,
        },
      });
    },
    create: async (object) => transport.call("POST", await pathOf(object, object.metadata.namespace), { body: object }),
    update: async (object, subresource) =>
      transport.call("PUT", await pathOfObject(object, subresource), { body: object }),
    patch: async (kind, namespace, name, patch, subresource) =>
      transport.call("PATCH", await pathOf(kind, namespace, name, subresource), {
        body: patch,
        contentType: "application/merge-patch+json",
      }),
    async remove(kind, namespace, name, { uid, graceSeconds } = {}) {
      const body = {
        apiVersion: "v1",
        kind: "DeleteOptions",
        propagationPolicy: "Background",
        ...(uid === undefined ? {} : { preconditions: { uid } }),
        ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
      };
      try {
        await transport.call("DELETE", await pathOf(kind, namespace, name), { body });
        return true;
      } catch (error) {
        if (error instanceof SluiceError && error.facts.status === 404) return false;
        throw error;
      }
    },
    async post(kind, namespace, name, subresource, body) {
      await transport.call("POST", await pathOf(kind, namespace, name, subresource), { body });
    },
    close: () => transport.close(),
  };
}

async function listPages(
  transport: Transport,
  path: string,
  kind: KubeKind,
  options: ListOptions,
  limit: string | undefined,
): Promise<ListResult> {
  const items: KubeObject[] = [];
  let resourceVersion = "";
  let next: string | undefined;
  do {
    const page: { items?: KubeObject[]; metadata: { resourceVersion: string; continue?: string } } =
      await transport.call("GET", path, { query: { limit, continue: next, ...selectors(options) } });
    for (const item of page.items ?? []) items.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind });
    resourceVersion = page.metadata.resourceVersion;
    next = page.metadata.continue || undefined;
  } while (next !== undefined);
  return { items, resourceVersion };
}
function isGone(error: unknown): boolean {
  return error instanceof SluiceError && error.facts.status === 410;
}

function selectors(options: ListOptions): Record<string, string | undefined> {
  return { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector };
}

function readEvent(line: string, kind: KubeKind): WatchEvent {
  let event: { type: string; object: KubeObject & { code?: number; message?: string } };
  try {
    event = JSON.parse(line);
  } catch {
    return { type: "ERROR", message: `a line of the watch is no JSON: ${line.slice(0, 80)}` };
  }
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return { type: event.type, object: { ...event.object, apiVersion: kind.apiVersion, kind: kind.kind } };
    case "BOOKMARK":
      return { type: "BOOKMARK", resourceVersion: event.object.metadata.resourceVersion ?? "" };
    default:
      return event.object.code === 410
        ? { type: "EXPIRED" }
        : { type: "ERROR", message: event.object.message ?? `the watch sent ${event.type}` };
  }
}
