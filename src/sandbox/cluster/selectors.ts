import type { KubeObject } from "../../model/kubernetes.ts";
import { type ApiFailure, badRequest } from "./failure.ts";
import type { ResourceType } from "./kinds.ts";
import { isMap } from "./schema.ts";

export type Match = (object: KubeObject) => boolean;

const setPattern = /^([A-Za-z0-9._/-]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const equalityPattern = /^([A-Za-z0-9._/-]+)\s*(==|!=|=)\s*([A-Za-z0-9._-]*)$/;
const existsPattern = /^(!?)\s*([A-Za-z0-9._/-]+)$/;

/** A label selector: equality, sets, existence. Throws 400 for what it cannot read. */
export function labelMatch(text: string): Match {
  const parts = splitOutsideParentheses(text).map(labelTerm);
  return (object) => parts.every((part) => part(object.metadata.labels ?? {}));
}

function labelTerm(term: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = setPattern.exec(term);
  if (set !== null) {
    const [, key, operator, list] = set as unknown as [string, string, string, string];
    const values = list.split(",").map((value) => value.trim());
    return operator === "in"
      ? (labels) => labels[key] !== undefined && values.includes(labels[key])
      : (labels) => labels[key] === undefined || !values.includes(labels[key]);
  }
  const equality = equalityPattern.exec(term);
  if (equality !== null) {
    const [, key, operator, value] = equality as unknown as [string, string, string, string];
    return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const exists = existsPattern.exec(term);
  if (exists === null)
    throw badRequest(`unable to parse requirement: found '${term}', expected: in, notin, =, ==, !=, gt, lt`);
  const [, not, key] = exists as unknown as [string, string, string];
  return (labels) => key in labels === (not === "");
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth === 0) {
      parts.push(part);
      part = "";
    } else part += character;
  }
  return [...parts, part].map((entry) => entry.trim()).filter((entry) => entry !== "");
}

const involved = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];
const known: Readonly<Record<string, readonly string[]>> = {
  Pod: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  Event: [...involved.map((field) => `involvedObject.${field}`), "reason", "type", "source", "reportingComponent"],
  Secret: ["type"],
  Node: ["spec.unschedulable"],
  Namespace: ["status.phase"],
  Job: ["status.successful"],
  ReplicaSet: ["status.replicas"],
  Service: ["spec.clusterIP", "spec.type"],
};

/** A field selector over the fields the real server knows for the kind. Throws 400 for others. */
export function fieldMatch(type: ResourceType, text: string): Match {
  const fields = ["metadata.name", "metadata.namespace", ...(known[type.kind] ?? [])];
  const terms = text
    .split(",")
    .filter((term) => term !== "")
    .map((term) => {
      const match = /^([^=!]+)(==|!=|=)(.*)$/.exec(term);
      if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
      const [, field, operator, value] = match as unknown as [string, string, string, string];
      if (!fields.includes(field)) throw unknownField(type, field);
      const path = field === "source" ? ["source", "component"] : field.split(".");
      return (object: KubeObject) => (valueAt(object, path) === value) === (operator !== "!=");
    });
  return (object) => terms.every((term) => term(object));
}
function unknownField(type: ResourceType, field: string): ApiFailure {
  return badRequest(
    type.kind in known
      ? `field label not supported: ${field}`
      : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );
}
function valueAt(object: KubeObject, path: readonly string[]): string {
  let value: unknown = object;
  for (const key of path) value = isMap(value) ? value[key] : undefined;
  return value === undefined || value === null ? "" : String(value);
}
