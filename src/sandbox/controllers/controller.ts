import type { KubeKind, KubeObject } from "../../model/kubernetes.ts";

/** One thing to do in the cluster. Each can be repeated: names and versions stop it from happening twice. */
export type Action =
  | {
      readonly do: "create";
      readonly object: KubeObject;
      readonly event?: EventText;
    }
  /** Replaces an object; a conflict with somebody else's change makes the controller decide anew. */
  | {
      readonly do: "update";
      readonly object: KubeObject;
      readonly event?: EventText;
    }
  | {
      readonly do: "remove";
      readonly object: KubeObject;
      readonly event?: EventText;
    }
  | { readonly do: "tell"; readonly event: EventText };

/** A core/v1 Event about the object that was decided on. */
export interface EventText {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}
export interface Decision {
  readonly actions: readonly Action[];
  /** The whole status as it should be; left out when there is nothing to say. */
  readonly status?: Record<string, unknown>;
  /** When to decide again though nothing changes, in ms. */
  readonly lookAgainAt?: number;
}
/** What a decision may look at. */
export interface View {
  readonly now: number;
  random(): number;
  /** Objects of a kind whose controlling owner is the one given. */
  owned(kind: KubeKind, owner: KubeObject): readonly KubeObject[];
  all(kind: KubeKind): readonly KubeObject[];
  /** What the last try to create something for this object was refused with. */
  readonly refusal: string | undefined;
}
/** A control loop: a pure decision about one object, repeated whenever it or what it owns changes. */
export interface Controller {
  readonly name: string;
  readonly kind: KubeKind;
  readonly owns: readonly KubeKind[];
  /** Kinds of which any change concerns every object of `kind`. */
  readonly heeds?: readonly KubeKind[];
  decide(object: KubeObject, view: View): Decision;
}

export const kinds = {
  deployment: { apiVersion: "apps/v1", kind: "Deployment" },
  replicaSet: { apiVersion: "apps/v1", kind: "ReplicaSet" },
  statefulSet: { apiVersion: "apps/v1", kind: "StatefulSet" },
  daemonSet: { apiVersion: "apps/v1", kind: "DaemonSet" },
  controllerRevision: { apiVersion: "apps/v1", kind: "ControllerRevision" },
  job: { apiVersion: "batch/v1", kind: "Job" },
  cronJob: { apiVersion: "batch/v1", kind: "CronJob" },
  pod: { apiVersion: "v1", kind: "Pod" },
  node: { apiVersion: "v1", kind: "Node" },
} as const satisfies Record<string, KubeKind>;
