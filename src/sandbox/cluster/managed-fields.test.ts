import fc from "fast-check";
import { expect, test } from "vitest";
import type { KubeObject } from "../../model/kubernetes.ts";
import { builtInSchema } from "./built-in-schemas.ts";
import { compareFields, fieldsOf, fromFieldsV1, isEmpty, toFieldsV1 } from "./fields.ts";
import { applyFields, isUnchanged, ownedAfterUpdate } from "./managed-fields.ts";

const kind = { apiVersion: "apps/v1", kind: "Deployment" };
const ownership = { schema: builtInSchema(kind), hasStatus: true, time: "2026-01-01T00:00:00Z" };
const writer = (manager: string) => ({ manager, operation: "Apply" as const, apiVersion: "apps/v1" });

const envs = fc.uniqueArray(fc.record({ name: fc.constantFrom("A", "B", "C"), value: fc.constantFrom("1", "2") }), {
  selector: (entry) => entry.name,
  // The API server drops an empty list after the merge, which is not looked at here.
  minLength: 1,
});
const containers = fc.uniqueArray(
  fc.record({ name: fc.constantFrom("one", "two", "three"), image: fc.constantFrom("x:1", "x:2"), env: envs }),
  { selector: (entry) => entry.name, minLength: 1 },
);
const objects: fc.Arbitrary<KubeObject> = fc
  .record({
    containers,
    labels: fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2")),
    replicas: fc.option(fc.nat(3), { nil: undefined }),
  })
  .map(({ containers: list, labels, replicas }) => ({
    ...kind,
    metadata: { name: "a", namespace: "shop", labels },
    spec: { ...(replicas === undefined ? {} : { replicas }), template: { spec: { containers: list } } },
  }));

test("an apply of the same by the same manager changes nothing", () => {
  fc.assert(
    fc.property(objects, objects, (first, second) => {
      const live = applyFields(undefined, first, writer("ana"), false, ownership);
      const next = applyFields(live, second, writer("ana"), false, ownership);
      expect(isUnchanged(next, applyFields(next, second, writer("ana"), false, ownership))).toBe(true);
    }),
  );
});

test("the only manager of an object gets exactly what it applied, whatever it applied before", () => {
  fc.assert(
    fc.property(objects, objects, (first, second) => {
      const live = applyFields(undefined, first, writer("ana"), false, ownership);
      const next = applyFields(live, second, writer("ana"), false, ownership);
      const fresh = applyFields(undefined, second, writer("ana"), false, ownership);
      const changes = compareFields(next.spec, fresh.spec, ownership.schema.fields!.spec!);
      expect([changes.added, changes.modified, changes.removed].every(isEmpty)).toBe(true);
    }),
  );
});

test("without force nobody's fields change, with force the applied values stand", () => {
  fc.assert(
    fc.property(objects, objects, (first, second) => {
      const live = applyFields(undefined, first, writer("ana"), false, ownership);
      const forced = applyFields(live, second, writer("ben"), true, ownership);
      const named = compareFields(forced.spec, { ...(forced.spec as object), ...(second.spec as object) }, {});
      expect(isEmpty(named.removed)).toBe(true);
      let refused = false;
      try {
        applyFields(live, second, writer("ben"), false, ownership);
      } catch (error) {
        refused = true;
        expect((error as Error).message).toMatch(/^Apply failed with \d+ conflicts?: conflicts? with "ana":/);
      }
      const before = fieldsOf(first.spec, ownership.schema.fields!.spec!);
      expect(refused || !isEmpty(before)).toBe(true);
    }),
  );
});

test("a replace takes the fields it changes from their appliers", () => {
  const first: KubeObject = { ...kind, metadata: { name: "a" }, spec: { replicas: 1, paused: true } };
  const live = applyFields(undefined, first, writer("ana"), false, ownership);
  const after = { ...live, spec: { replicas: 2, paused: true } };
  const update = { manager: "hand", operation: "Update" as const, apiVersion: "apps/v1" };
  const owners = ownedAfterUpdate(live, after, update, ownership) as { manager: string; fieldsV1: unknown }[];
  expect(owners.map(({ manager, fieldsV1 }) => ({ manager, fieldsV1 }))).toEqual([
    { manager: "ana", fieldsV1: { "f:spec": { "f:paused": {} } } },
    { manager: "hand", fieldsV1: { "f:spec": { "f:replicas": {} } } },
  ]);
});

test("fieldsV1 reads back as it was written", () => {
  fc.assert(
    fc.property(objects, (object) => {
      const written = toFieldsV1(fieldsOf({ spec: object.spec }, ownership.schema));
      expect(toFieldsV1(fromFieldsV1(written))).toEqual(written);
    }),
  );
});
