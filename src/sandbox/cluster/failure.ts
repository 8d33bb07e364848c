import type { ResourceType } from "./kinds.ts";

/** One field that is wrong, as a Status lists it. */
export interface FieldCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}
interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly FieldCause[];
}

/** A refusal in Kubernetes' words; `body` is the Status object that goes out. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly body: object;
  constructor(code: number, reason: string, message: string, details?: Details) {
    super(message);
    this.code = code;
    this.body = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      ...(reason === "" ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }
}

/** `deployments.apps`, or `pods` for the core group. */
function resourceName(type: ResourceType): string {
  return type.group === "" ? type.plural : `${type.plural}.${type.group}`;
}
function detailsOf(type: ResourceType, name: string): Details {
  return { name, ...(type.group === "" ? {} : { group: type.group }), kind: type.plural };
}

export function notFound(type: ResourceType, name: string): ApiFailure {
  return new ApiFailure(404, "NotFound", `${resourceName(type)} "${name}" not found`, detailsOf(type, name));
}
export function noSuchPath(): ApiFailure {
  return new ApiFailure(404, "NotFound", "the server could not find the requested resource", {});
}
export function alreadyExists(type: ResourceType, name: string): ApiFailure {
  return new ApiFailure(409, "AlreadyExists", `${resourceName(type)} "${name}" already exists`, detailsOf(type, name));
}
export function conflict(type: ResourceType, name: string, why: string): ApiFailure {
  const message = `Operation cannot be fulfilled on ${resourceName(type)} "${name}": ${why}`;
  return new ApiFailure(409, "Conflict", message, detailsOf(type, name));
}
/** A delete that was meant for another object of the same name. */
export function otherObject(type: ResourceType, name: string, uid: string, found: string | undefined): ApiFailure {
  const message = `Operation cannot be fulfilled on ${type.kind} "${name}": the UID in the precondition (${uid}) does not match the UID in record (${found}). The object might have been deleted and then recreated`;
  return new ApiFailure(409, "Conflict", message, detailsOf(type, name));
}
export const modified = "the object has been modified; please apply your changes to the latest version and try again";

export function forbidden(type: ResourceType, name: string, why: string, causes?: readonly FieldCause[]): ApiFailure {
  const message = `${resourceName(type)} "${name}" is forbidden: ${why}`;
  return new ApiFailure(403, "Forbidden", message, {
    ...detailsOf(type, name),
    ...(causes === undefined ? {} : { causes }),
  });
}
export function badRequest(message: string): ApiFailure {
  return new ApiFailure(400, "BadRequest", message);
}
export function notAllowed(): ApiFailure {
  return new ApiFailure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

/** 422 with every field that is wrong. */
export function invalid(type: ResourceType, name: string, causes: readonly FieldCause[]): ApiFailure {
  const kind = type.group === "" ? type.kind : `${type.kind}.${type.group}`;
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const message = `${kind} "${name}" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`}`;
  return new ApiFailure(422, "Invalid", message, {
    name,
    ...(type.group === "" ? {} : { group: type.group }),
    kind: type.kind,
    causes,
  });
}
export function expired(message: string): ApiFailure {
  return new ApiFailure(410, "Expired", message);
}
