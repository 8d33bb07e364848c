import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../errors.ts";
import type { KubeKind, KubeObject } from "../model/kubernetes.ts";
import type { KubernetesClient, ListOptions } from "../model/ports/kubernetes.ts";

export interface WatchHandlers {
  /** Called for every object of the first list, each change, and again after a break. */
  readonly changed: (object: KubeObject) => void;
  readonly gone: (object: KubeObject) => void;
  /** Called after each complete list. */
  readonly synced?: () => void;
  readonly problem?: (message: string) => void;
}

const shortWatchMs = 200;

/**
 * Keeps a copy of a kind's objects true: lists, watches, resumes from bookmarks, lists again after 410, and waits a
 * little longer after each failure (up to 30 s). Runs until the signal fires; never throws.
 */
export class Watcher {
  readonly #objects = new Map<string, KubeObject>();
  readonly #client: KubernetesClient;
  readonly #kind: KubeKind;
  readonly #options: ListOptions;
  readonly #handlers: WatchHandlers;
  #version = "";

  constructor(client: KubernetesClient, kind: KubeKind, options: ListOptions, handlers: WatchHandlers) {
    this.#client = client;
    this.#kind = kind;
    this.#options = options;
    this.#handlers = handlers;
  }

  get objects(): Iterable<KubeObject> {
    return this.#objects.values();
  }
  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(`${namespace ?? ""}/${name}`);
  }

  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (this.#version === "") await this.#list();
        const startedAt = performance.now();
        await this.#watch(signal);
        failures = 0;
        // A server that ends every watch at once is not asked without a breath.
        if (performance.now() - startedAt < shortWatchMs) await pause(shortWatchMs, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        this.#handlers.problem?.(messageOf(error));
        await pause(Math.min(30_000, 200 * 2 ** failures) * (0.75 + Math.random() / 2), undefined, { signal }).catch(
          () => {},
        );
      }
    }
  }

  async #list(): Promise<void> {
    const { items, resourceVersion } = await this.#client.list(this.#kind, this.#options);
    const before = new Map(this.#objects);
    this.#objects.clear();
    for (const item of items) {
      const key = keyOf(item);
      this.#objects.set(key, item);
      if (before.get(key)?.metadata.resourceVersion !== item.metadata.resourceVersion) this.#handlers.changed(item);
      before.delete(key);
    }
    for (const old of before.values()) this.#handlers.gone(old);
    this.#version = resourceVersion;
    this.#handlers.synced?.();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    for await (const event of this.#client.watch(this.#kind, this.#version, this.#options, signal)) {
      switch (event.type) {
        case "EXPIRED":
          this.#version = "";
          return;
        case "ERROR":
          this.#version = "";
          throw new Error(event.message);
        case "BOOKMARK":
          this.#version = event.resourceVersion;
          break;
        case "DELETED":
          this.#version = event.object.metadata.resourceVersion ?? this.#version;
          this.#objects.delete(keyOf(event.object));
          this.#handlers.gone(event.object);
          break;
        default:
          this.#version = event.object.metadata.resourceVersion ?? this.#version;
          this.#objects.set(keyOf(event.object), event.object);
          this.#handlers.changed(event.object);
      }
    }
  }
}

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
