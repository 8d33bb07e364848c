import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../model/kubernetes.ts";
import type { Clock } from "../../model/ports/clock.ts";
import { fillCustomDefaults } from "./custom.ts";
import { requireDeclared } from "./declared.ts";
import { fillDefaults, initialStatus } from "./defaults.ts";
import { ApiFailure, alreadyExists, badRequest, conflict, forbidden, invalid, modified, notFound } from "./failure.ts";
import { apiVersionOf, builtInType, type Kinds, type ResourceType, storageKey } from "./kinds.ts";
import { applyFields, isUnchanged, type Ownership, ownedAfterUpdate, type Writer } from "./managed-fields.ts";
import { isMap } from "./schema.ts";
import type { ObjectStore } from "./store.ts";
import { dropEmptyLists, takeStatusParts, withoutNulls } from "./tidy.ts";
import { invalidValue, required, validate } from "./validate.ts";

/** How a write came: by whom, to which part, and whether only to see what would happen. */
export interface WriteContext {
  readonly manager: string;
  readonly dryRun: boolean;
  readonly subresource?: string | undefined;
}
/** Kinds whose objects count their generations. */
const counted = new Set(
  "Deployment ReplicaSet StatefulSet DaemonSet ReplicationController Job CronJob Pod Ingress IngressClass NetworkPolicy PodDisruptionBudget CustomResourceDefinition PriorityClass".split(
    " ",
  ),
);
/** Kinds that a PUT without a version does not replace. */
const conditional = new Set(["CustomResourceDefinition", "Lease", "PodDisruptionBudget"]);
const nameLetters = "bcdfghjklmnpqrstvwxz2456789";

/** The life of a write: identity, defaults, rules, ownership, generation, then the store. Objects in are the caller's own. */
export class Objects {
  readonly store: ObjectStore;
  readonly kinds: Kinds;
  readonly #clock: Clock;
  #address = 1;

  constructor(store: ObjectStore, kinds: Kinds, clock: Clock) {
    this.store = store;
    this.kinds = kinds;
    this.#clock = clock;
    this.#address = store.list("/services").length + 1;
  }

  /** Now, as metadata writes times. */
  time(offsetMs = 0): string {
    return new Date(this.#clock.now() + offsetMs).toISOString().replace(/\.\d+Z$/, "Z");
  }
  find(type: ResourceType, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.store.get(storageKey(type), namespace, name);
  }
  get(type: ResourceType, namespace: string | undefined, name: string): KubeObject {
    const found = this.find(type, namespace, name);
    if (found === undefined) throw notFound(type, name);
    return found;
  }

  create(type: ResourceType, namespace: string | undefined, body: KubeObject, context: WriteContext): KubeObject {
    const object = this.#accept(type, namespace, body);
    if (object.metadata.resourceVersion)
      throw new ApiFailure(500, "", "resourceVersion should not be set on objects to be created");
    const { generateName } = object.metadata;
    if (!object.metadata.name && generateName) object.metadata.name = generateName + this.#suffix();
    if (!object.metadata.name) throw invalid(type, "", [required("metadata.name", "name or generateName is required")]);
    this.#requireNamespace(type, namespace, object.metadata.name);
    if (this.find(type, namespace, object.metadata.name) !== undefined) throw alreadyExists(type, object.metadata.name);
    delete object.metadata.managedFields;
    return this.#finish(type, undefined, object, context, this.#updater(type, context));
  }

  replace(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    body: KubeObject,
    context: WriteContext,
  ): KubeObject {
    const object = this.#accept(type, namespace, body, name);
    const before = this.get(type, namespace, name);
    if (!object.metadata.resourceVersion && (type.custom !== undefined || conditional.has(type.kind)))
      throw invalid(type, name, [invalidValue("metadata.resourceVersion", 0, "must be specified for an update")]);
    return this.#finish(type, before, object, context, this.#updater(type, context));
  }

  /** Changes an object by a patch; `change` answers the whole new object. */
  patch(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    change: (live: KubeObject) => KubeObject,
    context: WriteContext,
  ): KubeObject {
    const before = this.get(type, namespace, name);
    const object = this.#accept(type, namespace, change(structuredClone(before)), name);
    return this.#finish(type, before, object, context, this.#updater(type, context));
  }

  apply(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    body: KubeObject,
    context: WriteContext & { force: boolean },
  ): { object: KubeObject; created: boolean } {
    const applied = this.#accept(type, namespace, body, name);
    if (applied.metadata.managedFields !== undefined) throw badRequest("metadata.managedFields must be nil");
    requireDeclared(type, applied);
    const before = this.find(type, namespace, name);
    if (before === undefined) {
      if (context.subresource !== undefined) throw notFound(type, name);
      if (applied.metadata.resourceVersion || applied.metadata.uid)
        throw conflict(type, name, "the object does not exist, so its uid or resourceVersion cannot match");
      this.#requireNamespace(type, namespace, name);
    }
    const writer = this.#writer(type, context, "Apply");
    const merged = applyFields(before, applied, writer, context.force, this.#ownership(type));
    if (!applied.metadata.resourceVersion) delete merged.metadata.resourceVersion;
    const object = this.#finish(type, before, structuredClone(merged), context, (next) => next.metadata.managedFields);
    return { object, created: before === undefined };
  }

  /** Writes the server's own changes (status of a definition, a deletion mark), without rules or ownership. */
  put(type: ResourceType, object: KubeObject): KubeObject {
    return this.store.put(storageKey(type), object);
  }
  /** Takes an object out for good. */
  drop(type: ResourceType, object: KubeObject): KubeObject {
    return this.store.remove(storageKey(type), object);
  }

  #finish(
    type: ResourceType,
    before: KubeObject | undefined,
    candidate: KubeObject,
    context: WriteContext,
    owners: (next: KubeObject) => unknown[] | undefined,
  ): KubeObject {
    const { name } = candidate.metadata;
    if (before !== undefined) this.#requireSame(type, before, candidate);
    const next = this.#withFixedParts(type, before, candidate, context);
    if (type.custom === undefined) dropEmptyLists(next);
    const defaults = { before, uid: next.metadata.uid!, ...this.#numbers() };
    if (type.custom === undefined) fillDefaults(next, defaults);
    else fillCustomDefaults(next, type.custom);
    const causes = validate(next, before);
    if (causes.length > 0) throw invalid(type, name, causes);
    const managedFields = owners(next);
    if (managedFields === undefined || managedFields.length === 0) delete next.metadata.managedFields;
    else next.metadata.managedFields = managedFields;
    if (before !== undefined && isUnchanged(before, next)) return before;
    this.#count(type, before, next);
    if (context.dryRun) return next;
    const deleting = next.metadata.deletionTimestamp !== undefined;
    const done = deleting && !next.metadata.finalizers?.length && next.metadata.deletionGracePeriodSeconds === 0;
    if (done && before !== undefined && type.kind !== "Namespace") return this.drop(type, next);
    return this.put(type, next);
  }

  #withFixedParts(
    type: ResourceType,
    before: KubeObject | undefined,
    candidate: KubeObject,
    context: WriteContext,
  ): KubeObject {
    const isStatus = context.subresource === "status";
    const next: KubeObject =
      isStatus && before !== undefined
        ? { ...structuredClone(before), ...("status" in candidate ? { status: candidate.status } : {}) }
        : candidate;
    if (isStatus) takeStatusParts(type, next, candidate);
    next.apiVersion = apiVersionOf(type);
    next.kind = type.kind;
    const { metadata } = next;
    metadata.uid = before?.metadata.uid ?? randomUUID();
    metadata.creationTimestamp = before?.metadata.creationTimestamp ?? this.time();
    if (before !== undefined) metadata.resourceVersion = before.metadata.resourceVersion!;
    else delete metadata.resourceVersion;
    for (const key of ["generation", "deletionTimestamp", "deletionGracePeriodSeconds"])
      if (before?.metadata[key] === undefined) delete metadata[key];
      else metadata[key] = before.metadata[key];
    for (const key of ["labels", "annotations", "finalizers", "ownerReferences"]) {
      const value = metadata[key];
      const empty = Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0;
      if (empty) delete metadata[key];
    }
    if (type.hasStatus && !isStatus) {
      const status = before === undefined ? initialStatus(type.kind) : before.status;
      if (status === undefined) delete next.status;
      else next.status = structuredClone(status);
    }
    return next;
  }

  #count(type: ResourceType, before: KubeObject | undefined, next: KubeObject): void {
    if (type.custom === undefined && !counted.has(type.kind)) return;
    const parts = ({ metadata: _, status, ...rest }: KubeObject) => (type.hasStatus ? rest : { ...rest, status });
    const generation = before?.metadata.generation ?? 0;
    const changed = before === undefined || !isDeepStrictEqual(parts(before), parts(next));
    next.metadata.generation = changed ? generation + 1 : generation;
  }

  /** Refuses a write that was made from another version or another object of the same name. */
  #requireSame(type: ResourceType, before: KubeObject, { metadata }: KubeObject): void {
    if (metadata.uid && metadata.uid !== before.metadata.uid)
      throw conflict(
        type,
        metadata.name,
        `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${before.metadata.uid}`,
      );
    if (metadata.resourceVersion && metadata.resourceVersion !== before.metadata.resourceVersion)
      throw conflict(type, metadata.name, modified);
  }

  #requireNamespace(type: ResourceType, namespace: string | undefined, name: string): void {
    if (!type.namespaced || namespace === undefined) return;
    const found = this.get(builtInType("Namespace"), undefined, namespace);
    if (found.metadata.deletionTimestamp !== undefined)
      throw forbidden(
        type,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
        [
          {
            reason: "NamespaceTerminating",
            message: `namespace ${namespace} is being terminated`,
            field: "metadata.namespace",
          },
        ],
      );
  }

  /** A body as an object of the kind at the address it was sent to. */
  #accept(type: ResourceType, namespace: string | undefined, body: KubeObject, name?: string): KubeObject {
    if (!isMap(body)) throw badRequest("the body is not an object");
    const apiVersion = apiVersionOf(type);
    if ((body.kind ?? type.kind) !== type.kind || (body.apiVersion ?? apiVersion) !== apiVersion)
      throw badRequest(
        `the API version in the data (${body.apiVersion}, ${body.kind}) does not match the expected API version (${apiVersion}, ${type.kind})`,
      );
    const object = (type.custom === undefined ? withoutNulls(body) : body) as KubeObject;
    object.apiVersion = apiVersion;
    object.kind = type.kind;
    object.metadata = isMap(object.metadata) ? { ...object.metadata } : { name: name ?? "" };
    const { metadata } = object;
    if (name !== undefined && metadata.name !== undefined && metadata.name !== name)
      throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
    if (name !== undefined) metadata.name = name;
    if (!type.namespaced) {
      delete metadata.namespace;
      return object;
    }
    if (metadata.namespace !== undefined && metadata.namespace !== "" && metadata.namespace !== namespace)
      throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
    if (namespace === undefined) throw badRequest("an empty namespace may not be set during creation");
    metadata.namespace = namespace;
    return object;
  }

  #updater(type: ResourceType, context: WriteContext): (next: KubeObject) => unknown[] | undefined {
    const writer = this.#writer(type, context, "Update");
    return (next) => {
      const before = this.find(type, next.metadata.namespace, next.metadata.name);
      return ownedAfterUpdate(before, next, writer, this.#ownership(type));
    };
  }
  #writer(type: ResourceType, context: WriteContext, operation: "Apply" | "Update"): Writer {
    return {
      manager: context.manager,
      operation,
      apiVersion: apiVersionOf(type),
      ...(context.subresource === undefined ? {} : { subresource: context.subresource }),
    };
  }
  #ownership(type: ResourceType): Ownership {
    return { schema: type.schema, hasStatus: type.hasStatus, time: this.time() };
  }
  #numbers(): { address: () => string; nodePort: () => number } {
    return {
      address: () => {
        this.#address++;
        return `10.96.${(this.#address >> 8) & 255}.${this.#address & 255}`;
      },
      nodePort: () => 30_000 + Math.floor(this.#clock.random() * 2_768),
    };
  }
  #suffix(): string {
    return Array.from({ length: 5 }, () => nameLetters[Math.floor(this.#clock.random() * nameLetters.length)]).join("");
  }
}
