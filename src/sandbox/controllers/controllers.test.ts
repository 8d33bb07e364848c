import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../../../test/support/until.ts";
import { createKubernetesClient } from "../../kubernetes/client.ts";
import type { KubeKind, KubeObject } from "../../model/kubernetes.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import { silentLog } from "../../model/ports/log.ts";
import { type SandboxCluster, startSandboxCluster } from "../cluster/server.ts";
import { parseBehaviour } from "../kubelet/behaviour.ts";
import { Kubelet } from "../kubelet/kubelet.ts";
import { kinds } from "./controller.ts";
import { startControllers } from "./controllers.ts";

/** A clock that runs, and can be set ahead. */
let ahead = 0;
const clock: Clock = { now: () => Date.now() + ahead, random: () => Math.random() };
let cluster: SandboxCluster;
let client: KubernetesClient;
let controllers: { stop(): Promise<void> };
let kubelet: Kubelet;
let namespace = "";
let count = 0;

beforeAll(async () => {
  cluster = await startSandboxCluster({ name: "test", clock });
  client = createKubernetesClient({ server: cluster.url, token: () => "test" });
  controllers = await startControllers({ client, clock, log: silentLog });
  kubelet = newKubelet();
  await kubelet.start();
});
afterAll(async () => {
  kubelet.stop();
  await controllers.stop();
  await client.close();
  await cluster.close();
});
beforeEach(async () => {
  namespace = `shop-${++count}`;
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});

/** The tag of an image says how it behaves: `web:crash-after.5s`; one named `missing` is not in the registry. */
function newKubelet(): Kubelet {
  const pull = async (image: string) =>
    image.startsWith("missing")
      ? ({ found: false, message: `${image}: not found` } as const)
      : ({
          found: true,
          digest: "sha256:0",
          behaviour: parseBehaviour(image.split(":")[1]?.replace(".", "=")),
        } as const);
  return new Kubelet({ client, clock, log: silentLog, pull });
}
function workload(kind: KubeKind, spec: object, image = "web:1", pod: object = {}): KubeObject {
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image }], ...pod } };
  const selector = kind.apiVersion === "apps/v1" ? { selector: { matchLabels: { app: "web" } } } : {};
  return { ...kind, metadata: { name: "web", namespace }, spec: { ...selector, template, ...spec } };
}
const apply = (object: KubeObject) => client.apply(object, { fieldManager: "test", force: true });
async function pods(): Promise<KubeObject[]> {
  const { items } = await client.list(kinds.pod, { namespace });
  return [...items].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
function statusUntil(kind: KubeKind, what: string, isSo: (status: Record<string, unknown>) => boolean) {
  return until(`${kind.kind} ${what}`, async () => {
    const object = await client.get(kind, namespace, "web");
    const status = (object?.status ?? {}) as Record<string, unknown>;
    const isObserved = status.observedGeneration === object?.metadata.generation;
    return object !== undefined && isObserved && isSo(status) && object;
  });
}
const imageOf = (pod: KubeObject) => (pod.spec as { containers: { image: string }[] }).containers[0]!.image;
const statusOf = (pod: KubeObject) => pod.status as Record<string, unknown>;
async function events(): Promise<string[]> {
  const { items } = await client.list({ apiVersion: "v1", kind: "Event" }, { namespace });
  return items.map((event) => String(event.reason));
}

test("a Deployment rolls over to a new image, and tells it in events", async () => {
  await apply(workload(kinds.deployment, { replicas: 2 }));
  await statusUntil(kinds.deployment, "available", (status) => status.availableReplicas === 2);
  await apply(workload(kinds.deployment, { replicas: 2 }, "web:2"));
  await statusUntil(kinds.deployment, "rolled over", (status) => status.updatedReplicas === 2 && status.replicas === 2);
  await until("the old pods gone", async () => (await pods()).every((pod) => imageOf(pod) === "web:2"));
  await until("events", async () => {
    const told = await events();
    const wanted = ["ScalingReplicaSet", "SuccessfulCreate", "Scheduled", "Pulling", "Pulled", "Started", "Killing"];
    return wanted.every((reason) => told.includes(reason));
  });
});

test("a bad image leaves the old pods serving, and going back removes the bad one", async () => {
  await apply(workload(kinds.deployment, { replicas: 2 }));
  await statusUntil(kinds.deployment, "available", (status) => status.availableReplicas === 2);
  await apply(workload(kinds.deployment, { replicas: 2 }, "missing:1"));
  const bad = await until("the pull error", async () =>
    (await pods()).find((pod) => JSON.stringify(pod.status ?? {}).includes("ImagePullBackOff")),
  );
  expect(statusOf(bad)).toMatchObject({ phase: "Pending" });
  await statusUntil(
    kinds.deployment,
    "still available",
    (status) => status.availableReplicas === 2 && status.replicas === 3,
  );
  expect(await events()).toEqual(expect.arrayContaining(["Failed", "BackOff"]));
  await apply(workload(kinds.deployment, { replicas: 2 }));
  await until("the bad pod gone", async () => (await pods()).every((pod) => imageOf(pod) === "web:1"));
});

test("a StatefulSet starts its pods in order and replaces them from the last", async () => {
  await apply(workload(kinds.statefulSet, { replicas: 2, serviceName: "web" }));
  await statusUntil(kinds.statefulSet, "ready", (status) => status.readyReplicas === 2);
  const [first, second] = await pods();
  expect([first!.metadata.name, second!.metadata.name]).toEqual(["web-0", "web-1"]);
  expect(Date.parse(String(second!.metadata.creationTimestamp))).toBeGreaterThanOrEqual(
    Date.parse(String(statusOf(first!).startTime)),
  );
  await apply(workload(kinds.statefulSet, { replicas: 2, serviceName: "web" }, "web:2"));
  const done = await statusUntil(
    kinds.statefulSet,
    "of one revision",
    (status) =>
      status.updatedReplicas === 2 && status.readyReplicas === 2 && status.currentRevision === status.updateRevision,
  );
  expect(done.status).toMatchObject({ observedGeneration: 2, currentReplicas: 2 });
  expect((await pods()).map(imageOf)).toEqual(["web:2", "web:2"]);
});

test("a partition keeps the lower pods of a StatefulSet as they are, also when one is made anew", async () => {
  const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 1 } };
  await apply(workload(kinds.statefulSet, { replicas: 2, serviceName: "web", updateStrategy }));
  await statusUntil(kinds.statefulSet, "ready", (status) => status.readyReplicas === 2);
  await apply(workload(kinds.statefulSet, { replicas: 2, serviceName: "web", updateStrategy }, "web:2"));
  await statusUntil(
    kinds.statefulSet,
    "updated",
    (status) => status.updatedReplicas === 1 && status.readyReplicas === 2,
  );
  const [before] = await pods();
  await client.remove(kinds.pod, namespace, "web-0");
  await until("web-0 made anew", async () => {
    const [now] = await pods();
    return now?.metadata.name === "web-0" && now.metadata.uid !== before!.metadata.uid;
  });
  expect((await pods()).map(imageOf)).toEqual(["web:1", "web:2"]);
});

test("a DaemonSet has one pod on every node, and rolls over node by node", async () => {
  await apply(workload(kinds.daemonSet, {}));
  await statusUntil(kinds.daemonSet, "available", (status) => status.numberAvailable === 3);
  await apply(workload(kinds.daemonSet, {}, "web:2"));
  await statusUntil(
    kinds.daemonSet,
    "updated",
    (status) => status.updatedNumberScheduled === 3 && status.numberAvailable === 3,
  );
  const nodes = (await pods()).map((pod) => (pod.spec as { nodeName: string }).nodeName).sort();
  expect(nodes).toEqual(["node-1", "node-2", "node-3"]);
});

function jobUntil(type: string): Promise<KubeObject> {
  return until(`Job ${type}`, async () => {
    const job = await client.get(kinds.job, namespace, "web");
    const { conditions = [] } = (job?.status ?? {}) as { conditions?: { type: string; status: string }[] };
    return conditions.some((entry) => entry.type === type && entry.status === "True") && job;
  });
}

test("a Job runs until enough pods succeeded, a few side by side", async () => {
  await apply(workload(kinds.job, { completions: 3, parallelism: 2 }, "web:1", { restartPolicy: "Never" }));
  const job = await jobUntil("Complete");
  expect(job.status).toMatchObject({ succeeded: 3, startTime: expect.any(String), completionTime: expect.any(String) });
  expect(await pods()).toHaveLength(3);
});

test("a Job whose pods fail gives up after its back-off limit", async () => {
  await apply(workload(kinds.job, { backoffLimit: 1 }, "web:crash", { restartPolicy: "Never" }));
  const job = await jobUntil("Failed");
  expect(job.status).toMatchObject({ failed: 2 });
  expect((await pods()).map((pod) => statusOf(pod).phase)).toEqual(["Failed", "Failed"]);
});

test("a CronJob starts a Job when its time has come, once", async () => {
  const { spec } = workload(kinds.job, {}, "web:1", { restartPolicy: "Never" });
  const cron = {
    ...kinds.cronJob,
    metadata: { name: "web", namespace },
    spec: { schedule: "*/5 * * * *", jobTemplate: { spec } },
  };
  await apply(cron);
  ahead += 300_000;
  // Time was turned; a change makes the controller look at it.
  await apply({ ...cron, metadata: { ...cron.metadata, labels: { look: "again" } } });
  await until("the run", async () => {
    const found = await client.get(kinds.cronJob, namespace, "web");
    return (found?.status as { lastSuccessfulTime?: string } | undefined)?.lastSuccessfulTime;
  });
  const { items } = await client.list(kinds.job, { namespace });
  expect(items).toHaveLength(1);
});

test("a pod that fits nowhere is told, and placed as soon as there is room", async () => {
  const asks = { resources: { requests: { cpu: "12" } } };
  const pod = { containers: [{ name: "web", image: "web:1", ...asks }] };
  const object = workload(kinds.deployment, { replicas: 4 }, "web:1", pod);
  await apply(object);
  await until("three placed and one not", async () => {
    const found = await pods();
    const conditions = found.map((entry) => JSON.stringify(entry.status ?? {}));
    return found.length === 4 && conditions.filter((text) => text.includes("Unschedulable")).length === 1;
  });
  const placed = (await pods()).find((entry) => (entry.spec as { nodeName?: string }).nodeName !== undefined);
  await client.remove(kinds.pod, namespace, placed!.metadata.name);
  await until(
    "another one placed",
    async () => (await events()).filter((reason) => reason === "Scheduled").length === 4,
  );
  expect(await events()).toContain("FailedScheduling");
  await client.remove(kinds.deployment, namespace, "web");
});

test("a kubelet that starts anew lets running pods be", async () => {
  await apply(workload(kinds.deployment, { replicas: 1 }));
  await statusUntil(kinds.deployment, "available", (status) => status.availableReplicas === 1);
  const [before] = await pods();
  kubelet.stop();
  kubelet = newKubelet();
  await kubelet.start();
  await client.patch(kinds.pod, namespace, before!.metadata.name, { metadata: { labels: { seen: "yes" } } });
  await apply(workload(kinds.deployment, { replicas: 2 }));
  await statusUntil(kinds.deployment, "scaled", (status) => status.availableReplicas === 2);
  const after = (await pods()).find((pod) => pod.metadata.uid === before!.metadata.uid);
  expect(statusOf(after!)).toMatchObject({
    startTime: statusOf(before!).startTime,
    phase: "Running",
    containerStatuses: [{ restartCount: 0, ready: true }],
  });
});

test("pods deleted while they start are gone, and made anew for their owner", async () => {
  await apply(workload(kinds.deployment, { replicas: 2 }, "web:ready-after.5s"));
  const first = await until("two pods", async () => {
    const found = await pods();
    return found.length === 2 && found;
  });
  for (const pod of first) await client.remove(kinds.pod, namespace, pod.metadata.name);
  const gone = new Set(first.map((pod) => pod.metadata.uid));
  await until("two others running", async () => {
    const found = await pods();
    const others = found.filter(
      (pod) => !gone.has(pod.metadata.uid) && (pod.status as { phase?: string } | undefined)?.phase === "Running",
    );
    return found.length === 2 && others.length === 2;
  });
});

test("controllers that start anew find what is there and make nothing twice", async () => {
  await apply(workload(kinds.deployment, { replicas: 3 }));
  await statusUntil(kinds.deployment, "available", (status) => status.availableReplicas === 3);
  const before = (await pods()).map((pod) => pod.metadata.uid);
  await controllers.stop();
  controllers = await startControllers({ client, clock, log: silentLog });
  await apply(workload(kinds.deployment, { replicas: 4 }));
  await statusUntil(kinds.deployment, "scaled", (status) => status.availableReplicas === 4);
  const after = (await pods()).map((pod) => pod.metadata.uid);
  expect(after).toHaveLength(4);
  expect(after).toEqual(expect.arrayContaining(before));
});
