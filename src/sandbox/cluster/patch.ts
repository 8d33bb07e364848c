import { isDeepStrictEqual } from "node:util";
import { ApiFailure, badRequest } from "./failure.ts";
import { child, type FieldSchema, isMap } from "./schema.ts";

/** JSON merge patch (RFC 7386): null removes. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/**
 * Strategic merge patch: as a merge patch, but lists with keys are merged entry by entry (by the first key, as the
 * real server does), `$patch: delete` removes an entry and `$patch: replace` a whole value.
 */
export function strategicPatch(target: unknown, patch: unknown, schema: FieldSchema): unknown {
  if (Array.isArray(patch)) return strategicList(Array.isArray(target) ? target : [], patch, schema);
  if (!isMap(patch)) return patch;
  const { $patch: directive, ...fields } = patch;
  const result: Record<string, unknown> = isMap(target) && directive !== "replace" ? { ...target } : {};
  for (const [key, value] of Object.entries(fields)) {
    if (key.startsWith("$setElementOrder/") || key === "$retainKeys") continue;
    if (key.startsWith("$deleteFromPrimitiveList/")) {
      const name = key.slice("$deleteFromPrimitiveList/".length);
      const gone = Array.isArray(value) ? value : [];
      if (Array.isArray(result[name])) result[name] = result[name].filter((entry) => !gone.includes(entry));
    } else if (value === null) delete result[key];
    else result[key] = strategicPatch(result[key], value, child(schema, key));
  }
  return result;
}
function strategicList(target: readonly unknown[], patch: readonly unknown[], schema: FieldSchema): unknown[] {
  if (patch.some((entry) => isMap(entry) && entry.$patch === "replace"))
    return patch.filter((entry) => !(isMap(entry) && entry.$patch === "replace"));
  if (schema.set) return [...new Set([...target, ...patch])];
  const key = schema.keys?.[0];
  if (key === undefined) return [...patch];
  const result = [...target];
  for (const entry of patch) {
    const value = isMap(entry) ? entry[key] : undefined;
    const at = result.findIndex((candidate) => isMap(candidate) && isDeepStrictEqual(candidate[key], value));
    if (isMap(entry) && entry.$patch === "delete") {
      if (at >= 0) result.splice(at, 1);
    } else if (at < 0) result.push(strategicPatch(undefined, entry, schema.items ?? {}));
    else result[at] = strategicPatch(result[at], entry, schema.items ?? {});
  }
  return result;
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** JSON patch (RFC 6902). Throws 422 when an operation does not fit the object. */
export function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw badRequest("a JSON patch is a list of operations");
  let root: unknown = structuredClone(target);
  for (const operation of operations as Operation[]) {
    const path = pointer(operation.path);
    switch (operation.op) {
      case "add":
        root = setAt(root, path, operation.value, "add");
        break;
      case "replace":
        getAt(root, path);
        root = setAt(root, path, operation.value, "replace");
        break;
      case "remove":
        root = removeAt(root, path);
        break;
      case "test":
        if (!isDeepStrictEqual(getAt(root, path), operation.value))
          throw unfit(`testing value ${operation.path} failed`);
        break;
      case "copy":
      case "move": {
        const from = pointer(operation.from ?? "");
        const value = structuredClone(getAt(root, from));
        if (operation.op === "move") root = removeAt(root, from);
        root = setAt(root, path, value, "add");
        break;
      }
      default:
        throw badRequest(`a JSON patch knows no operation ${JSON.stringify(operation.op)}`);
    }
  }
  return root;
}
function unfit(message: string): ApiFailure {
  return new ApiFailure(
    422,
    "Invalid",
    `the server rejected our request due to an error in our request: ${message}`,
    {},
  );
}
function pointer(path: string): string[] {
  if (typeof path !== "string" || (path !== "" && !path.startsWith("/"))) throw badRequest(`no JSON pointer: ${path}`);
  return path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
function getAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    const next = Array.isArray(value) ? value[Number(key)] : isMap(value) ? value[key] : undefined;
    if (next === undefined) throw unfit(`there is nothing at /${path.join("/")}`);
    value = next;
  }
  return value;
}
function setAt(root: unknown, path: readonly string[], value: unknown, how: "add" | "replace"): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = getAt(root, path.slice(0, -1));
  if (isMap(parent)) parent[last] = value;
  else if (Array.isArray(parent)) {
    const at = last === "-" ? parent.length : Number(last);
    if (!Number.isInteger(at) || at < 0 || at > parent.length) throw unfit(`there is nothing at /${path.join("/")}`);
    parent.splice(at, how === "add" ? 0 : 1, value);
  } else throw unfit(`/${path.join("/")} is below no object or list`);
  return root;
}
function removeAt(root: unknown, path: readonly string[]): unknown {
  getAt(root, path);
  const parent = getAt(root, path.slice(0, -1));
  const last = path.at(-1)!;
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isMap(parent)) delete parent[last];
  return root;
}
