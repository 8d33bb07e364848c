import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/model/kubernetes.ts";
import { until } from "../support/until.ts";
import {
  at,
  configMap,
  configMapKind,
  container,
  deployment,
  deploymentKind,
  freshName,
  freshNamespace,
  pod,
  podKind,
  refusal,
  type TheCluster,
} from "./contract.ts";

/** Create, read, replace, patch, delete, and what an object's metadata says about it. */
export function objectContract(cluster: TheCluster): void {
  describe("objects", () => {
    test("the kinds of the workloads are discovered with their plural and scope", async () => {
      const { client } = cluster();
      expect(await client.resource(deploymentKind)).toMatchObject({ plural: "deployments", namespaced: true });
      expect(await client.resource({ apiVersion: "v1", kind: "Node" })).toMatchObject({ namespaced: false });
      const all = (await client.resources()).map((entry) => `${entry.apiVersion} ${entry.kind}`);
      expect(all).toEqual(
        expect.arrayContaining([
          "v1 Pod",
          "v1 Service",
          "v1 Secret",
          "apps/v1 StatefulSet",
          "apps/v1 DaemonSet",
          "batch/v1 Job",
          "batch/v1 CronJob",
          "networking.k8s.io/v1 Ingress",
          "rbac.authorization.k8s.io/v1 ClusterRole",
          "policy/v1 PodDisruptionBudget",
          "autoscaling/v2 HorizontalPodAutoscaler",
          "apiextensions.k8s.io/v1 CustomResourceDefinition",
          "coordination.k8s.io/v1 Lease",
        ]),
      );
      expect((await cluster().call("GET", "/readyz")).status).toBe(200);
    });

    test("a new object gets identity and a version that grows with each change", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const first = await client.create(configMap(namespace, "a", { x: "1" }));
      expect(first.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(first.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const second = await client.patch(configMapKind, namespace, "a", { data: { x: "2" } });
      expect(Number(second.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
      expect(second.metadata.uid).toBe(first.metadata.uid);
      expect(await client.get(configMapKind, namespace, "a")).toEqual(second);
    });

    test("generateName makes names of its own", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const make = () =>
        client.create({ ...configMapKind, metadata: { namespace, generateName: "made-" } } as unknown as KubeObject);
      const [one, two] = [await make(), await make()];
      expect(one.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
      expect(two.metadata.name).not.toBe(one.metadata.name);
    });

    test("what is not there is undefined to read, false to delete and refused to change", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      expect(await client.get(configMapKind, namespace, "none")).toBeUndefined();
      expect(await client.remove(configMapKind, namespace, "none")).toBe(false);
      expect(await refusal(client.patch(configMapKind, namespace, "none", { data: {} }))).toEqual({
        status: 404,
        reason: "NotFound",
        message: 'configmaps "none" not found',
      });
      expect(await refusal(client.create(configMap("no-such-place", "a", {})))).toEqual({
        status: 404,
        reason: "NotFound",
        message: 'namespaces "no-such-place" not found',
      });
      expect(await refusal(client.apply(deployment("no-such-place", "a", []), { fieldManager: "a" }))).toMatchObject({
        status: 404,
        message: 'namespaces "no-such-place" not found',
      });
    });

    test("a name is used once", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      await client.create(deployment(namespace, "a", [container("a", "x:1")]));
      expect(await refusal(client.create(deployment(namespace, "a", [container("a", "x:1")])))).toEqual({
        status: 409,
        reason: "AlreadyExists",
        message: 'deployments.apps "a" already exists',
      });
    });

    test("a replace from an old version is refused, one from no version goes through", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const first = await client.create(configMap(namespace, "a", { x: "1" }));
      await client.update({ ...first, data: { x: "2" } });
      expect(await refusal(client.update({ ...first, data: { x: "3" } }))).toEqual({
        status: 409,
        reason: "Conflict",
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      });
      const third = await client.update(configMap(namespace, "a", { x: "4" }));
      expect(third.data).toEqual({ x: "4" });
    });

    test("generation counts changes of the spec only, and status is written by its subresource only", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      // Nothing controls a paused Deployment's status but its own controller's first look.
      const made = await client.create({
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { namespace, name: "a", generation: 7 },
        spec: { minAvailable: 1, selector: { matchLabels: { app: freshName("nobody") } } },
        status: { currentHealthy: 9 },
      } as KubeObject);
      expect(made.metadata.generation).toBe(1);
      expect(at(made, "status.currentHealthy") ?? 0).toBe(0);
      const kind = { apiVersion: "policy/v1", kind: "PodDisruptionBudget" };
      const labelled = await client.patch(kind, namespace, "a", { metadata: { labels: { a: "b" } } });
      expect(labelled.metadata.generation).toBe(1);
      const changed = await client.patch(kind, namespace, "a", {
        spec: { minAvailable: 2 },
        status: { currentHealthy: 5 },
      });
      expect(changed.metadata.generation).toBe(2);
      expect(at(changed, "status.currentHealthy") ?? 0).toBe(0);
      const status = await client.patch(
        kind,
        namespace,
        "a",
        { spec: { minAvailable: 5 }, status: { currentHealthy: 5 } },
        "status",
      );
      expect(status.metadata.generation).toBe(2);
      expect(at(status, "spec.minAvailable")).toBe(2);
      expect(at(status, "status.currentHealthy")).toBe(5);
    });

    test("a merge patch removes what it sets to null", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      await client.create(configMap(namespace, "a", { x: "1", y: "2" }));
      const patched = await client.patch(configMapKind, namespace, "a", { data: { x: null, z: "3" } });
      expect(patched.data).toEqual({ y: "2", z: "3" });
    });

    test("JSON patch and strategic merge patch change list entries in place", async () => {
      const { client, call } = cluster();
      const namespace = await freshNamespace(client);
      await client.create(
        deployment(namespace, "a", [container("one", "x:1"), container("two", "y:1")], { paused: true }),
      );
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/a`;
      const strategic = await call("PATCH", path, {
        contentType: "application/strategic-merge-patch+json",
        body: { spec: { template: { spec: { containers: [{ name: "two", image: "y:2" }] } } } },
      });
      expect(imagesOf(strategic.body)).toEqual(["x:1", "y:2"]);
      const json = await call("PATCH", path, {
        contentType: "application/json-patch+json",
        body: [{ op: "replace", path: "/spec/template/spec/containers/0/image", value: "x:9" }],
      });
      expect(imagesOf(json.body)).toEqual(["x:9", "y:2"]);
      expect((await call("PATCH", path, { contentType: "text/plain", body: {} })).status).toBe(415);
    });

    test("a pod without a node goes at once; one on a node stays until its end is told", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      await until("the default service account", () =>
        client.get({ apiVersion: "v1", kind: "ServiceAccount" }, namespace, "default"),
      );
      const unbound = await client.create(pod(namespace, "unbound"));
      expect(at(unbound, "status.phase")).toBe("Pending");
      await client.remove(podKind, namespace, "unbound");
      expect(await client.get(podKind, namespace, "unbound")).toBeUndefined();

      await client.create(pod(namespace, "bound"));
      const binding = (node: string) =>
        client.post(podKind, namespace, "bound", "binding", {
          apiVersion: "v1",
          kind: "Binding",
          metadata: { name: "bound", namespace },
          target: { apiVersion: "v1", kind: "Node", name: node },
        });
      await binding("node-of-nobody");
      const bound = await client.get(podKind, namespace, "bound");
      expect(at(bound, "spec.nodeName")).toBe("node-of-nobody");
      expect(at(bound, "status.conditions")).toEqual(
        expect.arrayContaining([expect.objectContaining({ type: "PodScheduled", status: "True" })]),
      );
      expect(await refusal(binding("another"))).toMatchObject({ status: 409, reason: "Conflict" });
      expect(await client.remove(podKind, namespace, "bound")).toBe(true);
      const going = await client.get(podKind, namespace, "bound");
      expect(going?.metadata.deletionTimestamp).toBeDefined();
      expect(going?.metadata.deletionGracePeriodSeconds).toBe(30);
      expect(await client.remove(podKind, namespace, "bound", { uid: going!.metadata.uid, graceSeconds: 0 })).toBe(
        true,
      );
      expect(await client.get(podKind, namespace, "bound")).toBeUndefined();
    });

    test("a delete meant for another object of the same name is refused", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const made = await client.create(configMap(namespace, "a", {}));
      const uid = "11111111-2222-3333-4444-555555555555";
      expect(await refusal(client.remove(configMapKind, namespace, "a", { uid }))).toEqual({
        status: 409,
        reason: "Conflict",
        message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (${uid}) does not match the UID in record (${made.metadata.uid}). The object might have been deleted and then recreated`,
      });
      expect(await client.remove(configMapKind, namespace, "a", { uid: made.metadata.uid })).toBe(true);
    });

    test("finalizers keep a deleted object until they are lifted", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      await client.create({
        ...configMap(namespace, "a", {}),
        metadata: { namespace, name: "a", finalizers: ["shop.example/keep"] },
      });
      await client.remove(configMapKind, namespace, "a");
      const kept = await client.get(configMapKind, namespace, "a");
      expect(kept?.metadata.deletionTimestamp).toBeDefined();
      await client.patch(configMapKind, namespace, "a", { metadata: { finalizers: null } });
      expect(await client.get(configMapKind, namespace, "a")).toBeUndefined();
    });

    test("what an object owned goes after it", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const owner = await client.create(configMap(namespace, "owner", {}));
      const reference = { ...configMapKind, name: "owner", uid: owner.metadata.uid! };
      await client.create({
        ...configMap(namespace, "owned", {}),
        metadata: { namespace, name: "owned", ownerReferences: [reference] },
      });
      await client.create(configMap(namespace, "other", {}));
      await client.remove(configMapKind, namespace, "owner");
      await until(
        "the owned object to go",
        async () => (await client.get(configMapKind, namespace, "owned")) === undefined,
      );
      expect(await client.get(configMapKind, namespace, "other")).toBeDefined();
    });

    test("a namespace goes with what is in it", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const kind = { apiVersion: "v1", kind: "Namespace" };
      await client.create({
        ...configMap(namespace, "a", {}),
        metadata: { namespace, name: "a", finalizers: ["shop.example/keep"] },
      });
      await client.remove(kind, undefined, namespace);
      const going = await client.get(kind, undefined, namespace);
      expect(at(going, "status.phase")).toBe("Terminating");
      const late = await refusal(client.create(configMap(namespace, "late", {})));
      expect(late).toEqual({
        status: 403,
        reason: "Forbidden",
        message: `configmaps "late" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
      });
      await until("the content to be deleted", async () => {
        const found = await client.get(configMapKind, namespace, "a");
        return found?.metadata.deletionTimestamp !== undefined;
      });
      await client.patch(configMapKind, namespace, "a", { metadata: { finalizers: null } });
      await until(
        "the namespace to go",
        async () => (await client.get(kind, undefined, namespace)) === undefined,
        60_000,
      );
    }, 90_000);
  });
}

function imagesOf(workload: unknown): unknown[] {
  return (at(workload, "spec.template.spec.containers") as { image: string }[]).map((entry) => entry.image);
}
