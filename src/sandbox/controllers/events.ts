import type { KubeObject } from "../../model/kubernetes.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import type { EventText } from "./controller.ts";
import { seconds } from "./shapes.ts";

const eventKind = { apiVersion: "v1", kind: "Event" };
const remembered = 2_000;

/** Writes core/v1 Events as people see them in `kubectl describe`; the same one again is counted, not repeated. */
export class EventRecorder {
  readonly #client: KubernetesClient;
  readonly #clock: Clock;
  readonly #component: string;
  readonly #known = new Map<string, { name: string; count: number }>();
  #last: Promise<void> = Promise.resolve();

  constructor(client: KubernetesClient, clock: Clock, component: string) {
    this.#client = client;
    this.#clock = clock;
    this.#component = component;
  }

  /** Never fails and never holds its caller up: an event that cannot be written is lost, as Kubernetes has it. */
  tell(object: KubeObject, event: EventText): void {
    this.#last = this.#last.then(() => this.#write(object, event)).catch(() => {});
  }
  /** Resolves when what was told so far is written or lost. */
  flush(): Promise<void> {
    return this.#last;
  }

  async #write(object: KubeObject, { type, reason, message }: EventText): Promise<void> {
    const { name, uid, resourceVersion } = object.metadata;
    const namespace = object.metadata.namespace ?? "default";
    const key = `${uid} ${reason} ${message}`;
    const at = seconds(this.#clock.now());
    const known = this.#known.get(key);
    if (known !== undefined) {
      known.count++;
      await this.#client.patch(eventKind, namespace, known.name, {
        count: known.count,
        lastTimestamp: at,
      });
      return;
    }
    const suffix = Math.floor((this.#clock.now() + this.#clock.random()) * 2 ** 20).toString(16);
    const made = { name: `${name}.${suffix}`, count: 1 };
    this.#known.set(key, made);
    if (this.#known.size > remembered) this.#known.delete(this.#known.keys().next().value!);
    await this.#client.create({
      ...eventKind,
      metadata: { name: made.name, namespace },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        name,
        namespace,
        uid,
        resourceVersion,
      },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: at,
      lastTimestamp: at,
      source: { component: this.#component },
      reportingComponent: this.#component,
    });
  }
}
