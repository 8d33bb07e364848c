/** A Kubernetes object as JSON, with the few fields every object has. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: KubeMetadata;
  [field: string]: unknown;
}
export interface KubeMetadata {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  finalizers?: string[];
  managedFields?: unknown[];
  generateName?: string;
  [field: string]: unknown;
}

/** What a kind is called and how it is addressed. */
export interface KubeKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** `group/Kind` as health rules name kinds; core kinds have no group. */
export function groupKind(object: KubeKind): string {
  const slash = object.apiVersion.indexOf("/");
  return slash < 0 ? object.kind : `${object.apiVersion.slice(0, slash)}/${object.kind}`;
}

/** A text key of an object that ignores its version: `apps/Deployment shop/catalogue`. */
export function objectKey(object: KubeKind & { metadata: { namespace?: string; name: string } }): string {
  const place = object.metadata.namespace ? `${object.metadata.namespace}/` : "";
  return `${groupKind(object)} ${place}${object.metadata.name}`;
}
