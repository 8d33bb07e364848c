import type { ServerResponse } from "node:http";
import type { KubeObject } from "../../model/kubernetes.ts";
import { badRequest } from "./failure.ts";
import { apiVersionOf, type ResourceType, storageKey } from "./kinds.ts";
import { matchOf } from "./lists.ts";
import type { ObjectStore, StoredEvent } from "./store.ts";

const usualTimeoutSeconds = 1_800;
/** A watcher that leaves this much unread is cut off; it resumes from the version it read last. */
const maxUnreadBytes = 8 * 1024 * 1024;

/** Streams changes to the watchers of a server. */
export class Watches {
  readonly #store: ObjectStore;
  readonly #bookmarkMs: number;
  readonly #open = new Set<() => void>();

  constructor(store: ObjectStore, bookmarkMs: number) {
    this.#store = store;
    this.#bookmarkMs = bookmarkMs;
  }
  /** Ends every stream. */
  close(): void {
    for (const end of [...this.#open]) end();
  }

  start(type: ResourceType, namespace: string | undefined, query: URLSearchParams, response: ServerResponse): void {
    const resource = storageKey(type);
    const apiVersion = apiVersionOf(type);
    const matches = matchOf(type, query);
    const from = query.get("resourceVersion") ?? "";
    if (!/^\d*$/.test(from)) throw badRequest(`invalid resource version ${JSON.stringify(from)}`);
    const isMine = (object: KubeObject) =>
      (namespace === undefined || object.metadata.namespace === namespace) && matches(object);
    const send = (kind: string, object: object) => {
      response.write(`${JSON.stringify({ type: kind, object })}\n`);
      if (response.writableLength > maxUnreadBytes) response.destroy();
    };
    const tell = (event: StoredEvent) => {
      if (event.resource !== resource) return;
      const seen = transition(event, isMine);
      if (seen !== undefined) send(seen.type, { ...seen.object, apiVersion });
    };
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache, private" });
    response.flushHeaders();
    const withList = query.get("sendInitialEvents") === "true";
    const isFresh = withList || from === "" || from === "0";
    const replay = isFresh ? [] : this.#store.since(Number(from));
    if (replay === undefined) {
      send("ERROR", expiredStatus(from, this.#store.version));
      return void response.end();
    }
    const bookmark = (annotations?: object) =>
      send("BOOKMARK", {
        kind: type.kind,
        apiVersion,
        metadata: {
          resourceVersion: String(this.#store.version),
          ...(annotations === undefined ? {} : { annotations }),
        },
      });
    if (isFresh)
      for (const object of this.#store.list(resource, namespace))
        if (matches(object)) send("ADDED", { ...object, apiVersion });
    if (withList) bookmark({ "k8s.io/initial-events-end": "true" });
    for (const event of replay) tell(event);
    const unsubscribe = this.#store.subscribe(tell);
    const wants = query.get("allowWatchBookmarks");
    const bookmarks =
      wants === "true" || wants === "1" ? setInterval(() => bookmark(), this.#bookmarkMs).unref() : undefined;
    const seconds = Number(query.get("timeoutSeconds")) || usualTimeoutSeconds;
    const timeout = setTimeout(() => end(), seconds * 1_000).unref();
    const end = () => {
      unsubscribe();
      clearInterval(bookmarks);
      clearTimeout(timeout);
      this.#open.delete(end);
      response.end();
    };
    this.#open.add(end);
    response.once("close", end);
  }
}

/** What a change is to a watcher with a selector: an object that starts to match is new to it, one that stops is gone. */
function transition(
  { type, object, before }: StoredEvent,
  isMine: (object: KubeObject) => boolean,
): { type: StoredEvent["type"]; object: KubeObject } | undefined {
  const was = before !== undefined && isMine(before);
  const is = isMine(object);
  if (type === "DELETED") return was || is ? { type, object } : undefined;
  if (is) return { type: was ? "MODIFIED" : "ADDED", object };
  if (!was) return undefined;
  const { resourceVersion } = object.metadata;
  return {
    type: "DELETED",
    object: {
      ...before,
      metadata: { ...before.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    },
  };
}

function expiredStatus(from: string, version: number): object {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `too old resource version: ${from} (${version})`,
    reason: "Expired",
    code: 410,
  };
}
