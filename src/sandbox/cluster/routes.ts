import type { IncomingMessage, ServerResponse } from "node:http";
import type { KubeObject } from "../../model/kubernetes.ts";
import { type DeleteOptions, type Deletion, deleteObject } from "./deletion.ts";
import { discover } from "./discovery.ts";
import { ApiFailure, badRequest, noSuchPath, notAllowed } from "./failure.ts";
import { apiVersionOf, type ResourceType } from "./kinds.ts";
import { type Lists, matchOf } from "./lists.ts";
import type { Objects, WriteContext } from "./objects.ts";
import { jsonPatch, mergePatch, strategicPatch } from "./patch.ts";
import { bindPod, scaleOf, scaleTo } from "./pod-parts.ts";
import { type Address, parseAddress, parseBody, parseObject, readBody } from "./request.ts";
import { required } from "./validate.ts";
import type { Watches } from "./watches.ts";

/** What requests are answered from. */
export interface ServedCluster {
  readonly objects: Objects;
  readonly lists: Lists;
  readonly watches: Watches;
}
/** One request for a known kind. */
interface Call extends ServedCluster {
  readonly type: ResourceType;
  readonly at: Address;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly contentType: string;
  readonly context: WriteContext;
}
interface Answer {
  readonly status: number;
  readonly body: object;
}
const loopback = new Set(["127.0.0.1", "localhost", "[::1]"]);
const health = new Set(["/healthz", "/readyz", "/livez"]);

/** Answers one request; refusals go out as Status. */
export async function answer(
  cluster: ServedCluster,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://host");
  const path = pathname.replace(/(.)\/+$/, "$1");
  if (health.has(path)) return void response.writeHead(200, { "content-type": "text/plain" }).end("ok");
  try {
    refuseBrowsers(request);
    const body = await readBody(request);
    const found = request.method === "GET" ? discover(cluster.objects.kinds, path) : undefined;
    if (found !== undefined) return send(response, 200, found);
    const at = parseAddress(path);
    const type = at === undefined ? undefined : cluster.objects.kinds.byPath(at.group, at.version, at.plural);
    if (at === undefined || type === undefined) throw noSuchPath();
    const method = request.method ?? "GET";
    if (method === "GET" && at.name === undefined && isTrue(query.get("watch")))
      return cluster.watches.start(type, at.namespace, query, response);
    const contentType = request.headers["content-type"] ?? "application/json";
    const context: WriteContext = {
      manager: query.get("fieldManager") ?? request.headers["user-agent"]?.split("/")[0] ?? "unknown",
      dryRun: query.get("dryRun") === "All",
      subresource: at.subresource,
    };
    const result = handle({ ...cluster, type, at, method, query, body, contentType, context });
    send(response, result.status, result.body);
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    send(response, error.code, error.body);
  }
}

/** Anybody on this machine may call, with any token or none; a page in a browser may not, whatever name it was lured to. */
function refuseBrowsers({ headers }: IncomingMessage): void {
  const host = headers.host?.replace(/:\d+$/, "") ?? "";
  if (headers.origin !== undefined || headers["sec-fetch-site"] !== undefined || !loopback.has(host))
    throw new ApiFailure(403, "Forbidden", "forbidden: the sandbox answers programs on this machine, not web pages");
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return void response.destroy();
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
function isTrue(value: string | null): boolean {
  return value === "true" || value === "1";
}

function handle(call: Call): Answer {
  const { at, type } = call;
  if (type.namespaced && at.name !== undefined && at.namespace === undefined) throw noSuchPath();
  if (at.subresource !== undefined && !type.subresources.includes(at.subresource)) throw noSuchPath();
  if (at.name === undefined) return handleAll(call);
  switch (at.subresource) {
    case undefined:
    case "status":
    case "finalize":
      return handleOne(call, at.name);
    case "scale":
      return handleScale(call, at.name);
    default:
      return handlePodPart(call, at.name);
  }
}

function handleAll(call: Call): Answer {
  const { objects, type, at, query } = call;
  switch (call.method) {
    case "GET":
      return { status: 200, body: call.lists.page(type, at.namespace, query) };
    case "POST":
      return {
        status: 201,
        body: objects.create(type, at.namespace, parseObject(call.body, call.contentType), call.context),
      };
    case "DELETE": {
      const matches = matchOf(type, query);
      const list = call.lists.page(type, at.namespace, new URLSearchParams()) as { items: KubeObject[] };
      const items = list.items.filter(matches);
      for (const { metadata } of items)
        deleteObject(objects, type, metadata.namespace, metadata.name, deleteOptions(call));
      return { status: 200, body: { ...list, items } };
    }
    default:
      throw notAllowed();
  }
}

function handleOne(call: Call, name: string): Answer {
  const { objects, type, at, context } = call;
  switch (call.method) {
    case "GET":
      return { status: 200, body: shown(type, objects.get(type, at.namespace, name)) };
    case "PUT":
      return {
        status: 200,
        body: objects.replace(type, at.namespace, name, parseObject(call.body, call.contentType), context),
      };
    case "PATCH":
      return patchOne(call, name);
    case "DELETE":
      if (at.subresource !== undefined) throw notAllowed();
      return deletionAnswer(type, deleteObject(objects, type, at.namespace, name, deleteOptions(call)));
    default:
      throw notAllowed();
  }
}

function patchOne(call: Call, name: string): Answer {
  const { objects, type, at, context, query } = call;
  if (/^application\/apply-patch\+(yaml|json|cbor)/.test(call.contentType)) {
    if (!query.get("fieldManager"))
      throw new ApiFailure(
        422,
        "Invalid",
        `PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch`,
        {
          group: "meta.k8s.io",
          kind: "PatchOptions",
          causes: [required("fieldManager", "is required for apply patch")],
        },
      );
    const body = parseObject(call.body, "application/yaml");
    const { object, created } = objects.apply(type, at.namespace, name, body, {
      ...context,
      force: isTrue(query.get("force")),
    });
    return { status: created ? 201 : 200, body: object };
  }
  const change = changeOf(call);
  return { status: 200, body: objects.patch(type, at.namespace, name, change, context) };
}

/** The function a patch of one of the three older forms is. */
function changeOf({ contentType, body, type }: Call): (live: KubeObject) => KubeObject {
  const patch = parseBody(body, "application/json");
  const form = contentType.split(";")[0]!.trim();
  switch (form) {
    case "application/merge-patch+json":
      return (live) => mergePatch(live, patch) as KubeObject;
    case "application/json-patch+json":
      return (live) => jsonPatch(live, patch) as KubeObject;
    case "application/strategic-merge-patch+json":
      if (type.custom !== undefined) break;
      return (live) => strategicPatch(live, patch, type.schema) as KubeObject;
  }
  throw new ApiFailure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
}

function handleScale(call: Call, name: string): Answer {
  const { objects, type, at, context } = call;
  const scale = (change: (live: KubeObject) => KubeObject): Answer => ({
    status: 200,
    body: scaleTo(objects, type, at.namespace, name, change, context),
  });
  if (call.method === "GET") return { status: 200, body: scaleOf(objects.get(type, at.namespace, name)) };
  if (call.method === "PUT") return scale(() => parseObject(call.body, call.contentType));
  if (call.method === "PATCH") return scale(changeOf(call));
  throw notAllowed();
}

function handlePodPart(call: Call, name: string): Answer {
  const { objects, type, at } = call;
  if (call.method !== "POST") throw notAllowed();
  const namespace = at.namespace ?? "";
  const body = parseObject(call.body, call.contentType);
  if (at.subresource === "binding") bindPod(objects, namespace, name, body);
  else deleteObject(objects, type, namespace, name, (body.deleteOptions ?? {}) as DeleteOptions);
  return { status: 201, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } };
}

function deleteOptions({ body, query, context }: Call): DeleteOptions {
  const asked = (body.trim() === "" ? {} : parseBody(body, "application/json")) as DeleteOptions;
  const grace = query.get("gracePeriodSeconds");
  const policy = query.get("propagationPolicy");
  if (grace !== null && !/^\d+$/.test(grace)) throw badRequest(`gracePeriodSeconds ${grace} is no number of seconds`);
  return {
    ...asked,
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(context.dryRun ? { dryRun: ["All"] } : {}),
  };
}
function deletionAnswer(type: ResourceType, { state, object }: Deletion): Answer {
  const { name, uid } = object.metadata;
  if (state === "going" || type.kind === "Pod") return { status: 200, body: shown(type, object) };
  const details = { name, ...(type.group === "" ? {} : { group: type.group }), kind: type.plural, uid };
  return { status: 200, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details } };
}
function shown(type: ResourceType, object: KubeObject): KubeObject {
  return { ...object, apiVersion: apiVersionOf(type) };
}
