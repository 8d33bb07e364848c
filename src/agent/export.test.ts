import { afterAll, beforeAll, expect, test } from "vitest";
import { SluiceError } from "../errors.ts";
import { createKubernetesClient } from "../kubernetes/client.ts";
import { readManifests } from "../manifests/read.ts";
import type { KubeObject } from "../model/kubernetes.ts";
import { systemClock } from "../model/ports/clock.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";
import { startSandboxCluster } from "../sandbox/cluster/server.ts";
import { exportObjects } from "./export.ts";

let cluster: Awaited<ReturnType<typeof startSandboxCluster>>;
let client: KubernetesClient;
beforeAll(async () => {
  cluster = await startSandboxCluster({ name: "dev", clock: systemClock });
  client = createKubernetesClient({ server: cluster.url, token: () => "sandbox" });
  for (const name of ["shop", "other"])
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const [namespace, name] of [
    ["shop", "web"],
    ["shop", "api"],
    ["other", "web"],
  ] as const)
    await client.create(deployment(namespace, name));
  await client.create({
    ...deployment("shop", "made"),
    metadata: {
      name: "made",
      namespace: "shop",
      ownerReferences: [{ apiVersion: "x/v1", kind: "Maker", name: "m", uid: "1", controller: true }],
    },
  });
  const ports = [{ port: 80 }];
  const service = (name: string, spec: object): KubeObject => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "shop" },
    spec: { ports, ...spec },
  });
  await client.create(service("headless", { clusterIP: "None" }));
  await client.create(service("addressed", { clusterIP: "10.0.0.7" }));
});
afterAll(async () => {
  await client.close();
  await cluster.close();
});

function deployment(namespace: string, name: string): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name,
      namespace,
      annotations: { note: "kept", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name, image: "shop.example/x:1" }] },
      },
    },
  };
}
const read = (text: string): KubeObject[] => {
  const result = readManifests(text);
  if (!result.ok) throw new Error(result.problem.message);
  return result.file.objects.map((entry) => entry.object);
};
const names = (objects: readonly KubeObject[]) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);

test("only the namespaces asked for, each object as a person would write it, and nothing a controller made", async () => {
  const objects = read(await exportObjects(client, ["shop"]));
  expect(names(objects)).toEqual([
    "Namespace /shop",
    "Service shop/addressed",
    "Service shop/headless",
    "Deployment shop/api",
    "Deployment shop/web",
  ]);
  expect(objects[1]!.spec).not.toHaveProperty("clusterIP");
  expect(objects[2]!.spec).toMatchObject({ clusterIP: "None" });
  expect(objects[3]!.metadata).toEqual({ name: "api", namespace: "shop", annotations: { note: "kept" } });
  expect(objects.some((object) => "status" in object)).toBe(false);
});

test("namespaces come in order, each once; one that is not there is left out", async () => {
  const objects = read(await exportObjects(client, ["shop", "other", "shop", "nowhere"]));
  expect(names(objects).filter((name) => name.startsWith("Namespace"))).toEqual([
    "Namespace /other",
    "Namespace /shop",
  ]);
  expect(await exportObjects(client, [])).toBe("");
});

test("what the agent may not read is named, not passed over in silence; another fault is one", async () => {
  const failing = (status: number): KubernetesClient => ({
    ...client,
    async list(kind, options) {
      if (kind.kind === "Service") throw new SluiceError("cluster_failed", "no", { status });
      return client.list(kind, options);
    },
  });
  const text = await exportObjects(failing(403), ["shop"]);
  expect(text).toMatch(/^# not exported, the agent may not read it: Service in shop\n/m);
  expect(names(read(text))).toEqual(["Namespace /shop", "Deployment shop/api", "Deployment shop/web"]);
  await expect(exportObjects(failing(500), ["shop"])).rejects.toThrow("no");
});
