import { Watcher } from "../../src/kubernetes/watcher.ts";
import type { KubeKind, KubeObject } from "../../src/model/kubernetes.ts";
import type { KubernetesClient } from "../../src/model/ports/kubernetes.ts";

const deadlineMs = 60_000;

/** Tells when something is first seen in a cluster, by a watch: nothing is polled, so nothing is rounded. */
export class Eyes {
  readonly #watcher: Watcher;
  readonly #waiting = new Set<{ holds: (object: KubeObject) => boolean; done: (at: number) => void }>();
  readonly #stop = new AbortController();

  constructor(client: KubernetesClient, kind: KubeKind) {
    this.#watcher = new Watcher(client, kind, {}, { changed: (object) => this.#look(object), gone: () => {} });
    void this.#watcher.run(this.#stop.signal);
  }

  /** The time an object for which `holds` is true was first seen. */
  first(what: string, holds: (object: KubeObject) => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`waited ${deadlineMs} ms for ${what}`)), deadlineMs);
      const done = (at: number) => {
        clearTimeout(timer);
        resolve(at);
      };
      if ([...this.#watcher.objects].some(holds)) return done(Date.now());
      this.#waiting.add({ holds, done });
    });
  }
  stop(): void {
    this.#stop.abort();
  }

  #look(object: KubeObject): void {
    const at = Date.now();
    for (const entry of this.#waiting)
      if (entry.holds(object)) {
        this.#waiting.delete(entry);
        entry.done(at);
      }
  }
}

/** A ready pod of a workload with an image. */
export function isReadyPod(app: string, image: string): (pod: KubeObject) => boolean {
  return (pod) => {
    const { containerStatuses = [] } = (pod.status ?? {}) as {
      containerStatuses?: { image: string; ready: boolean }[];
    };
    return (
      pod.metadata.labels?.app === app && containerStatuses.some((status) => status.image === image && status.ready)
    );
  };
}

/** A Deployment that names an image. */
export function names(name: string, image: string): (object: KubeObject) => boolean {
  return (object) => {
    const { template } = object.spec as { template: { spec: { containers: { image: string }[] } } };
    return object.metadata.name === name && template.spec.containers[0]?.image === image;
  };
}
