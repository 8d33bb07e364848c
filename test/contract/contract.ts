import { randomUUID } from "node:crypto";
import type { KubeObject } from "../../src/model/kubernetes.ts";
import type { KubernetesClient } from "../../src/model/ports/kubernetes.ts";

/** One API server under test. Every test works in a namespace of its own. */
export interface ContractCluster {
  readonly client: KubernetesClient;
  /** A raw call, for what the client does not use; the answer's status, text and parsed JSON, never an error. */
  call(method: string, path: string, options?: RawCall): Promise<{ status: number; body: unknown; text: string }>;
  close(): Promise<void>;
}
export interface RawCall {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
}
/** The cluster of a run; made before the first test. */
export type TheCluster = () => ContractCluster;

export const deploymentKind = { apiVersion: "apps/v1", kind: "Deployment" };
export const configMapKind = { apiVersion: "v1", kind: "ConfigMap" };
export const podKind = { apiVersion: "v1", kind: "Pod" };
const namespaceKind = { apiVersion: "v1", kind: "Namespace" };

/** A name no other test uses, also when the server is kept between runs. */
export function freshName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}
/** Makes a namespace and answers its name. */
export async function freshNamespace(client: KubernetesClient): Promise<string> {
  const name = freshName("contract");
  await client.create({ ...namespaceKind, metadata: { name } });
  return name;
}

export function configMap(namespace: string, name: string, data: Record<string, string>): KubeObject {
  return { ...configMapKind, metadata: { namespace, name }, data };
}
export function container(name: string, image: string, more: object = {}): object {
  return { name, image, ...more };
}
export function deployment(namespace: string, name: string, containers: object[], more: object = {}): KubeObject {
  return {
    ...deploymentKind,
    metadata: { namespace, name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers } },
      ...more,
    },
  };
}
export function pod(namespace: string, name: string): KubeObject {
  const containers = [container("app", "shop.example/app:1")];
  // A service account's token would be mounted, which only a real cluster does.
  return { ...podKind, metadata: { namespace, name }, spec: { containers, automountServiceAccountToken: false } };
}

/** The value at a path of keys; list entries by their place. */
export function at(object: unknown, path: string): unknown {
  let value = object;
  for (const key of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[key];
  return value;
}
/** Facts of a refusal: status, reason and message. */
export async function refusal(call: Promise<unknown>): Promise<{ status: unknown; reason: unknown; message: string }> {
  try {
    await call;
  } catch (error) {
    const { facts, message } = error as { facts: { status: number; reason: string }; message: string };
    return { status: facts.status, reason: facts.reason, message };
  }
  throw new Error("the server did not refuse");
}
