import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/model/kubernetes.ts";
import {
  at,
  configMap,
  configMapKind,
  container,
  deployment,
  deploymentKind,
  freshNamespace,
  refusal,
  type TheCluster,
} from "./contract.ts";

interface Owner {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly fieldsType: string;
  readonly fieldsV1: Record<string, unknown>;
}
function owners(object: KubeObject): Owner[] {
  return object.metadata.managedFields as Owner[];
}
function ownerOf(object: KubeObject, manager: string): Owner | undefined {
  return owners(object).find((entry) => entry.manager === manager);
}
// Paused and without replicas, so that controllers leave the specification alone.
const still = { paused: true, replicas: 0 };

/** Server-side apply: merging, owners, conflicts, and what an apply of the same does. */
export function applyContract(cluster: TheCluster): void {
  describe("server-side apply", () => {
    test("an apply makes the object, names its manager as owner and is the owner of what it named only", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const wanted = deployment(namespace, "a", [container("app", "x:1", { ports: [{ containerPort: 80 }] })], still);
      const made = await client.apply(wanted, { fieldManager: "ana" });
      expect(made.metadata.generation).toBe(1);
      expect(ownerOf(made, "ana")).toMatchObject({ operation: "Apply", apiVersion: "apps/v1", fieldsType: "FieldsV1" });
      expect(ownerOf(made, "ana")!.fieldsV1).toEqual({
        "f:spec": {
          "f:paused": {},
          "f:replicas": {},
          "f:selector": {},
          "f:template": {
            "f:metadata": { "f:labels": { "f:app": {} } },
            "f:spec": {
              "f:containers": {
                'k:{"name":"app"}': {
                  ".": {},
                  "f:image": {},
                  "f:name": {},
                  "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
                },
              },
            },
          },
        },
      });
    });

    test("an apply of the same changes neither version nor generation nor times, even when values are written otherwise", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const wanted = (cpu: string, memory: string) =>
        deployment(namespace, "a", [container("app", "x:1", { resources: { limits: { cpu, memory } } })], still);
      await client.apply(wanted("0.5", "1024Mi"), { fieldManager: "ana" });
      // The controller marks that it saw the generation; from then on nothing else writes.
      const settled = await settle(cluster, namespace, "a");
      expect(at(settled, "spec.template.spec.containers.0.resources.limits")).toEqual({ cpu: "500m", memory: "1Gi" });
      const again = await client.apply(wanted("0.5", "1024Mi"), { fieldManager: "ana" });
      expect(again.metadata.resourceVersion).toBe(settled.metadata.resourceVersion);
      expect(again.metadata.managedFields).toEqual(settled.metadata.managedFields);
      const otherwise = await client.apply(wanted("500m", "1Gi"), { fieldManager: "ana" });
      expect(otherwise.metadata.resourceVersion).toBe(settled.metadata.resourceVersion);
    });

    test("a dry run answers what would be and changes nothing", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const dry = await client.apply(configMap(namespace, "a", { x: "1" }), { fieldManager: "ana", dryRun: true });
      expect(dry.data).toEqual({ x: "1" });
      expect(await client.get(configMapKind, namespace, "a")).toBeUndefined();
      const made = await client.apply(configMap(namespace, "a", { x: "1" }), { fieldManager: "ana" });
      const would = await client.apply(configMap(namespace, "a", { x: "2" }), { fieldManager: "ana", dryRun: true });
      expect(would.data).toEqual({ x: "2" });
      expect(await client.get(configMapKind, namespace, "a")).toEqual(made);
    });

    test("a field that another applier owns with another value is a conflict, unless forced", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      await client.apply(configMap(namespace, "a", { x: "1", y: "1", z: "1" }), { fieldManager: "ana" });
      expect(await refusal(client.apply(configMap(namespace, "a", { x: "2" }), { fieldManager: "ben" }))).toEqual({
        status: 409,
        reason: "Conflict",
        message: 'Apply failed with 1 conflict: conflict with "ana": .data.x',
      });
      const two = await client
        .apply(configMap(namespace, "a", { x: "2", y: "2", z: "1" }), { fieldManager: "ben" })
        .catch((error: Error) => error.message);
      expect(two).toBe('Apply failed with 2 conflicts: conflicts with "ana":\n- .data.x\n- .data.y');
      const forced = await client.apply(configMap(namespace, "a", { x: "2" }), { fieldManager: "ben", force: true });
      expect(forced.data).toEqual({ x: "2", y: "1", z: "1" });
      expect(ownerOf(forced, "ana")!.fieldsV1).toEqual({ "f:data": { "f:y": {}, "f:z": {} } });
      expect(ownerOf(forced, "ben")!.fieldsV1).toEqual({ "f:data": { "f:x": {} } });
    });

    test("a conflict with a writer that does not apply names it and its API version", async () => {
      const { client, call } = cluster();
      const namespace = await freshNamespace(client);
      await client.apply(deployment(namespace, "a", [container("app", "x:1")], still), { fieldManager: "ana" });
      await call("PATCH", `/apis/apps/v1/namespaces/${namespace}/deployments/a`, {
        contentType: "application/strategic-merge-patch+json",
        query: { fieldManager: "kubectl-set" },
        body: { spec: { template: { spec: { containers: [{ name: "app", image: "x:2" }] } } } },
      });
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/a`;
      const { status, body } = await call("PATCH", path, {
        contentType: "application/apply-patch+yaml",
        query: { fieldManager: "ana" },
        body: deployment(namespace, "a", [container("app", "x:1")], still),
      });
      expect(status).toBe(409);
      const field = '.spec.template.spec.containers[name="app"].image';
      expect(body).toMatchObject({
        reason: "Conflict",
        message: `Apply failed with 1 conflict: conflict with "kubectl-set" using apps/v1: ${field}`,
        details: {
          causes: [
            {
              reason: "FieldManagerConflict",
              message: 'conflict with "kubectl-set" using apps/v1',
              field,
            },
          ],
        },
      });
      // The same value is no conflict: both own the field.
      const agreed = await client.apply(deployment(namespace, "a", [container("app", "x:2")], still), {
        fieldManager: "ana",
      });
      expect(JSON.stringify(ownerOf(agreed, "kubectl-set"))).toContain("f:image");
      expect(JSON.stringify(ownerOf(agreed, "ana"))).toContain("f:image");
    });

    test("what its only owner no longer applies goes, what somebody else owns or nobody named stays", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const env = (...names: string[]) => ({ env: names.map((name) => ({ name, value: "1" })) });
      await client.apply(
        deployment(namespace, "a", [container("app", "x:1", env("A", "B")), container("side", "y:1")], {
          ...still,
          minReadySeconds: 5,
        }),
        { fieldManager: "ana" },
      );
      const partial = {
        ...deploymentKind,
        metadata: { namespace, name: "a", labels: { team: "b" } },
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: "app",
                  env: [
                    { name: "B", value: "1" },
                    { name: "C", value: "1" },
                  ],
                },
              ],
            },
          },
        },
      };
      await client.apply(partial, { fieldManager: "ben" });
      const after = await client.apply(deployment(namespace, "a", [container("app", "x:1")], still), {
        fieldManager: "ana",
      });
      const containers = at(after, "spec.template.spec.containers") as { name: string; env?: { name: string }[] }[];
      expect(containers.map((entry) => entry.name)).toEqual(["app"]);
      expect(containers[0]!.env?.map((entry) => entry.name)).toEqual(["B", "C"]);
      expect(at(after, "spec.minReadySeconds")).toBeUndefined();
      expect(at(after, "spec.progressDeadlineSeconds")).toBe(600);
      expect(after.metadata.labels).toEqual({ team: "b" });
    });

    test("entries of keyed lists keep the applied order, atomic lists are replaced whole", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const tolerate = (...keys: string[]) => keys.map((key) => ({ key, operator: "Exists" }));
      const made = (names: string[], keys: string[]) => {
        const object = deployment(
          namespace,
          "a",
          names.map((name) => container(name, `${name}:1`)),
          still,
        );
        (at(object, "spec.template.spec") as Record<string, unknown>).tolerations = tolerate(...keys);
        return object;
      };
      await client.apply(made(["one", "two", "three"], ["a", "b"]), { fieldManager: "ana" });
      const after = await client.apply(made(["three", "one", "four"], ["c"]), { fieldManager: "ana" });
      const containers = at(after, "spec.template.spec.containers") as { name: string }[];
      expect(containers.map((entry) => entry.name)).toEqual(["three", "one", "four"]);
      expect(at(after, "spec.template.spec.tolerations")).toEqual(tolerate("c"));
    });

    test("a plain create or replace owns what it wrote, and an apply beside it finds the conflict", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const made = await client.create(configMap(namespace, "a", { x: "1" }));
      expect(owners(made)).toHaveLength(1);
      expect(owners(made)[0]).toMatchObject({ operation: "Update", apiVersion: "v1" });
      expect(owners(made)[0]!.fieldsV1).toMatchObject({ "f:data": { "f:x": {} } });
      expect(await refusal(client.apply(configMap(namespace, "a", { x: "2" }), { fieldManager: "ana" }))).toMatchObject(
        {
          status: 409,
        },
      );
      const applied = await client.apply(configMap(namespace, "a", { x: "2" }), { fieldManager: "ana", force: true });
      expect(owners(applied).map((entry) => entry.manager)).toContain("ana");
      const replaced = await client.update({ ...applied, data: { x: "3" } });
      expect(JSON.stringify(ownerOf(replaced, "ana") ?? {})).not.toContain("f:x");
    });

    test("an apply that names a field the kind does not have, or an entry twice, is refused and names it", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const message = async (containers: object[], more: object = {}) =>
        (await refusal(client.apply(deployment(namespace, "a", containers, more), { fieldManager: "ana" }))).message;
      const place = `failed to create typed patch object (${namespace}/a; apps/v1, Kind=Deployment): `;
      expect(await message([container("a", "x:1")], { replica: 1 })).toBe(
        `${place}.spec.replica: field not declared in schema`,
      );
      expect(await message([{ name: "a", imag: "x:1" }])).toBe(
        `${place}.spec.template.spec.containers[name="a"].imag: field not declared in schema`,
      );
      expect(await message([container("a", "x:1")], { replicas: "two" })).toBe(
        `${place}.spec.replicas: expected numeric (int or float), got string`,
      );
      expect(await message([container("a", "x:1"), container("a", "x:2")])).toBe(
        `${place}.spec.template.spec.containers: duplicate entries for key [name="a"]`,
      );
      expect(await client.get(deploymentKind, namespace, "a")).toBeUndefined();
    });

    test("an apply in YAML is read as kubectl reads it, and one without a manager is refused", async () => {
      const { client, call } = cluster();
      const namespace = await freshNamespace(client);
      const path = `/api/v1/namespaces/${namespace}/configmaps/a`;
      const body = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  text: |\n    one\n    two\n`;
      const contentType = "application/apply-patch+yaml";
      const made = await call("PATCH", path, { body, contentType, query: { fieldManager: "ana" } });
      expect(made.status).toBe(201);
      expect(at(made.body, "data.text")).toBe("one\ntwo\n");
      const again = await call("PATCH", path, { body, contentType, query: { fieldManager: "ana" } });
      expect(again.status).toBe(200);
      const refused = await call("PATCH", path, { body, contentType });
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(at(refused.body, "message")).toContain("fieldManager");
      const foreign = { ...configMap(namespace, "a", {}), metadata: { namespace, name: "a", managedFields: [{}] } };
      expect((await refusal(client.apply(foreign, { fieldManager: "ana" }))).message).toContain(
        "managedFields must be nil",
      );
    });
  });
}

/** Waits until no controller writes the object any more. */
async function settle(cluster: TheCluster, namespace: string, name: string): Promise<KubeObject> {
  const { client } = cluster();
  let last = "";
  for (;;) {
    const found = await client.get(deploymentKind, namespace, name);
    if (found?.metadata.resourceVersion === last) return found;
    last = found?.metadata.resourceVersion ?? "";
    await new Promise((done) => setTimeout(done, 700));
  }
}
