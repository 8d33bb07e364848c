import { createHash } from "node:crypto";
import type { KubeMetadata, KubeObject } from "../../model/kubernetes.ts";

export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastUpdateTime?: string;
}

/** A time as Kubernetes writes it: whole seconds, UTC. */
export function seconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
/** The spec of an object, as a shape the caller knows. */
export function specOf<T>(object: KubeObject): T {
  return (object.spec ?? {}) as T;
}
/** The status of an object, empty when it has none yet. */
export function statusOf<T>(object: KubeObject): Partial<T> {
  return (object.status ?? {}) as Partial<T>;
}
export function conditionsOf(object: KubeObject): readonly Condition[] {
  return statusOf<{ conditions: readonly Condition[] }>(object).conditions ?? [];
}
export function createdAt(object: KubeObject): number {
  return Date.parse(object.metadata.creationTimestamp ?? "1970-01-01T00:00:00Z");
}
/**
 * Sets a condition by its type; the time of its last transition stays when its status does. One that says the same
 * stays as it is, unless the new one brings a time of its own.
 */
export function withCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, "lastTransitionTime">,
  now: number,
): Condition[] {
  const old = conditions.find((entry) => entry.type === next.type);
  const isSame = old?.status === next.status && old.reason === next.reason && old.message === next.message;
  if (isSame && next.lastUpdateTime === undefined) return [...conditions];
  const lastTransitionTime = old?.status === next.status ? (old.lastTransitionTime ?? seconds(now)) : seconds(now);
  const made = { ...next, lastTransitionTime };
  return old === undefined
    ? [...conditions, made]
    : conditions.map((entry) => (entry.type === next.type ? made : entry));
}
export function withoutCondition(conditions: readonly Condition[], type: string): Condition[] {
  return conditions.filter((entry) => entry.type !== type);
}
/** Drops fields that are 0 or undefined, as the API server leaves empty ones out. */
export function withoutZeros(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0 && value !== undefined));
}
/** A number or a percentage of a total, as maxSurge (rounded up) and maxUnavailable (rounded down) are written. */
export function amount(value: number | string | undefined, total: number, round: "up" | "down"): number {
  const written = value ?? "25%";
  if (typeof written === "number") return written;
  const exact = (Number.parseFloat(written) * total) / 100;
  return round === "up" ? Math.ceil(exact) : Math.floor(exact);
}

/** Text that is the same for equal values, however their keys are ordered. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    entry !== null && typeof entry === "object" && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}
const safeLetters = "bcdfghjklmnpqrstvwxz2456789";
/** A short name for a value, without vowels so that it spells nothing. */
export function shortHash(value: unknown): string {
  const digest = createHash("sha256").update(canonical(value)).digest();
  return [...digest.subarray(0, 9)].map((byte) => safeLetters[byte % safeLetters.length]).join("");
}
/** The five letters at the end of a generated name. */
export function suffix(random: () => number): string {
  return Array.from({ length: 5 }, () => safeLetters[Math.floor(random() * safeLetters.length)]).join("");
}
/** The reference by which an owner controls what it makes. */
export function controllerReference(owner: KubeObject): NonNullable<KubeMetadata["ownerReferences"]>[number] {
  const { apiVersion, kind, metadata } = owner;
  const blocking = { blockOwnerDeletion: true };
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? "",
    controller: true,
    ...blocking,
  };
}
