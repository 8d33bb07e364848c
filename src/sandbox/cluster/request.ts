import type { IncomingMessage } from "node:http";
import { ManifestError, parseYaml } from "../../manifests/read.ts";
import type { KubeObject } from "../../model/kubernetes.ts";
import { ApiFailure, badRequest } from "./failure.ts";
import { isMap } from "./schema.ts";

const maxBodyBytes = 3 * 1024 * 1024;

/** A path below /api or /apis, taken apart. */
export interface Address {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Reads a path; undefined when it is none of a resource. */
export function parseAddress(path: string): Address | undefined {
  const parts = path.split("/").slice(1).map(decodeURIComponent);
  const isCore = parts[0] === "api";
  if (!isCore && parts[0] !== "apis") return undefined;
  const [group = "", version = ""] = isCore ? ["", parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(isCore ? 2 : 3);
  const isBelow = rest[0] === "namespaces" && rest.length > 2 && !isNamespacePart(isCore, rest);
  const [plural, name, ...more] = isBelow ? rest.slice(2) : rest;
  if (!version || !plural || more.length > 1) return undefined;
  return {
    group,
    version,
    plural,
    ...(isBelow ? { namespace: rest[1]! } : {}),
    ...(name ? { name } : {}),
    ...(more[0] === undefined ? {} : { subresource: more[0] }),
  };
}
/** `/api/v1/namespaces/x/status` is of the namespace itself. */
function isNamespacePart(isCore: boolean, rest: readonly string[]): boolean {
  return isCore && rest.length === 3 && (rest[2] === "status" || rest[2] === "finalize");
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes)
      throw new ApiFailure(413, "RequestEntityTooLarge", `Request entity too large: limit is ${maxBodyBytes}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A body as JSON or YAML. */
export function parseBody(text: string, contentType: string): unknown {
  if (/protobuf|cbor/.test(contentType))
    throw new ApiFailure(415, "UnsupportedMediaType", `the sandbox reads JSON and YAML, not ${contentType}`, {});
  if (!contentType.includes("yaml")) {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw badRequest(`the body is no JSON: ${(cause as Error).message}`);
    }
  }
  try {
    return JSON.parse(text);
  } catch {
    try {
      return parseYaml(text).documents[0];
    } catch (error) {
      if (error instanceof ManifestError) throw badRequest(`error decoding YAML: ${error.message}`);
      throw error;
    }
  }
}
export function parseObject(text: string, contentType: string): KubeObject {
  const value = parseBody(text, contentType);
  if (!isMap(value)) throw badRequest("Object 'Kind' is missing in the body: it is no object");
  return value as KubeObject;
}
