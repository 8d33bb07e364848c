import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/model/kubernetes.ts";
import { until } from "../support/until.ts";
import { at, freshName, freshNamespace, refusal, type TheCluster } from "./contract.ts";

const definitionKind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

function definition(group: string): KubeObject {
  const step = {
    type: "object",
    properties: { name: { type: "string" }, image: { type: "string" } },
    required: ["name"],
  };
  return {
    ...definitionKind,
    metadata: { name: `canaries.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind: "Canary", plural: "canaries", singular: "canary", shortNames: ["can"] },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: {
                  type: "object",
                  properties: {
                    weight: { type: "integer", default: 10 },
                    image: { type: "string" },
                    hosts: { type: "array", items: { type: "string" } },
                    steps: {
                      type: "array",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": ["name"],
                      items: step,
                    },
                    settings: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                  },
                },
                status: { type: "object", properties: { phase: { type: "string" } } },
              },
            },
          },
        },
      ],
    },
  };
}

/** Kinds that a definition makes. */
export function customContract(cluster: TheCluster): void {
  describe("custom resources", () => {
    test("a definition makes a kind, and takes it away with its objects", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const group = `${freshName("g")}.shop.example`;
      const kind = { apiVersion: `${group}/v1`, kind: "Canary" };
      await client.apply(definition(group), { fieldManager: "ana" });
      const established = await until("the definition to be established", async () => {
        const found = await client.get(definitionKind, undefined, `canaries.${group}`);
        const conditions = (at(found, "status.conditions") ?? []) as { type: string; status: string }[];
        return conditions.some((entry) => entry.type === "Established" && entry.status === "True") ? found : undefined;
      });
      expect(at(established, "status.acceptedNames.plural")).toBe("canaries");
      await until("the kind to be served", async () => {
        await client.resources(true);
        return (await client.resource(kind)) !== undefined;
      });
      const object = (spec: object): KubeObject => ({ ...kind, metadata: { namespace, name: "a" }, spec });

      const made = await client
        .apply(object({ image: "x:1", unknown: 1, settings: { any: { thing: 1 } } }), {
          fieldManager: "ana",
        })
        .catch(() => client.apply(object({ image: "x:1", settings: { any: { thing: 1 } } }), { fieldManager: "ana" }));
      expect(made.spec).toEqual({ image: "x:1", weight: 10, settings: { any: { thing: 1 } } });
      expect(made.metadata.generation).toBe(1);

      const steps = (...names: string[]) => names.map((name) => ({ name, image: `${name}:1` }));
      await client.apply(object({ image: "x:1", hosts: ["a", "b"], steps: steps("one", "two") }), {
        fieldManager: "ana",
      });
      await client.apply(object({ steps: steps("three") }), { fieldManager: "ben" });
      const merged = await client.apply(object({ image: "x:2", hosts: ["c"], steps: steps("two") }), {
        fieldManager: "ana",
      });
      expect(merged.spec).toEqual({ image: "x:2", weight: 10, hosts: ["c"], steps: expect.anything() });
      expect((at(merged, "spec.steps") as { name: string }[]).map((entry) => entry.name).sort()).toEqual([
        "three",
        "two",
      ]);
      expect(merged.metadata.generation).toBe(4);

      const status = await client.patch(
        kind,
        namespace,
        "a",
        { status: { phase: "Good" }, spec: { image: "no" } },
        "status",
      );
      expect(at(status, "status.phase")).toBe("Good");
      expect(at(status, "spec.image")).toBe("x:2");
      expect(status.metadata.generation).toBe(4);
      const { resourceVersion: _, ...metadata } = status.metadata;
      expect(await refusal(client.update({ ...status, metadata }))).toMatchObject({ status: 422, reason: "Invalid" });

      const { items, resourceVersion } = await client.list(kind, { namespace });
      expect(items.map((item) => item.metadata.name)).toEqual(["a"]);
      // A kind that is younger than the version asked for: the server cannot tell what happened since.
      const lost = client.watch(kind, "1", { namespace }, new AbortController().signal)[Symbol.asyncIterator]();
      expect(await lost.next()).toEqual({ value: { type: "EXPIRED" }, done: false });
      await lost.return?.();
      const stop = new AbortController();
      const watched = client.watch(kind, resourceVersion, { namespace }, stop.signal)[Symbol.asyncIterator]();
      const next = watched.next();
      await client.patch(kind, namespace, "a", { spec: { weight: 20 } });
      expect(await next).toMatchObject({ value: { type: "MODIFIED", object: { spec: { weight: 20 } } } });
      stop.abort();
      await watched.return?.();

      await client.remove(definitionKind, undefined, `canaries.${group}`);
      await until(
        "the definition to go",
        async () => (await client.get(definitionKind, undefined, `canaries.${group}`)) === undefined,
      );
      await until("the kind to be served no longer", async () => {
        await client.resources(true);
        return (await client.resource(kind)) === undefined;
      });
    }, 60_000);
  });
}
