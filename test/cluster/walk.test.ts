import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newToken } from "../../src/api/auth.ts";
import { createKubernetesClient } from "../../src/kubernetes/client.ts";
import { readKubeconfig } from "../../src/kubernetes/config.ts";
import { startAgent } from "../../src/main/agent.ts";
import { createLog } from "../../src/main/log.ts";
import { type RunningServer, startServer } from "../../src/main/server.ts";
import { systemClock } from "../../src/model/ports/clock.ts";
import type { MatrixView } from "../../src/model/views.ts";
import { startGitServer } from "../../src/sandbox/git/server.ts";
import { parseBehaviour } from "../../src/sandbox/kubelet/behaviour.ts";
import { Kubelet } from "../../src/sandbox/kubelet/kubelet.ts";
import { pushImage } from "../../src/sandbox/registry/push.ts";
import { startRegistry } from "../../src/sandbox/registry/server.ts";
import { openSqliteStore } from "../../src/store/store.ts";
import { startControlPlanes } from "../control-plane/up.ts";
import { git, makeRepository, temporaryFolder } from "../support/repository.ts";
import { until } from "../support/until.ts";

const stops: (() => unknown)[] = [];
const folder = temporaryFolder();
const log = createLog("walk");
const image = "registry.shop.example/shop/catalogue";
/** Where the registry sends notifications; empty sends none. */
const hook = { url: "" };
let server: RunningServer;
let registry: Awaited<ReturnType<typeof startRegistry>>;

beforeAll(async () => {
  stops.push(folder.remove);
  const planes = await startControlPlanes({ folder: join(folder.path, "planes"), clusters: ["dev"] });
  stops.push(planes.stop);
  registry = await startRegistry({
    notify: (envelope) =>
      void fetch(`${hook.url}/api/v1/hooks/registry`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(envelope),
      }).catch(() => {}),
  });
  stops.push(registry.close);
  const gitServer = await startGitServer({ folder: join(folder.path, "git") });
  stops.push(gitServer.close);
  const repository = `${gitServer.url}/shop/config.git`;
  makeRepository(join(folder.path, "git/shop/config.git"), {
    "sluice/environments.yaml": `apiVersion: sluice.dev/v1
kind: Environment
metadata: { name: dev }
spec:
  cluster: dev
  git: { repository: "${repository}", paths: [clusters/dev] }
  health: { settle: 1s }
---
apiVersion: sluice.dev/v1
kind: Settings
metadata: { name: shop }
spec:
  registries: [{ host: registry.shop.example, endpoint: "${registry.url}", poll: 10s }]
---
apiVersion: sluice.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  workloads: [{ namespace: shop }]
  stages: [{ name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }]
`,
    "clusters/dev/catalogue.yaml": `apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalogue, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: catalogue } }
  template:
    metadata: { labels: { app: catalogue } }
    spec:
      containers:
        - { name: catalogue, image: "${image}:1.0.0" } # keep me
`,
  });
  await push("1.0.0");
  const cluster = planes.clusters[0]!;
  const client = createKubernetesClient(readKubeconfig(JSON.parse, cluster.kubeconfig));
  stops.push(() => client.close());
  const kubelet = new Kubelet({
    client,
    clock: systemClock,
    log,
    pull: async () => ({ found: true, digest: `sha256:${"0".repeat(64)}`, behaviour: parseBehaviour(undefined) }),
  });
  await kubelet.start();
  stops.push(() => kubelet.stop());
  const data = join(folder.path, "server");
  const { token, record } = newToken("dev", "agent", ["dev"], Date.now());
  server = await startServer({
    data,
    host: "127.0.0.1",
    port: 0,
    configuration: { kind: "git", repository, branch: "main", path: "sluice" },
    gitPoll: 5_000,
    trial: { control: "http://127.0.0.1:1" },
    log,
  });
  await server.ready;
  hook.url = server.url;
  const store = await openSqliteStore(join(data, "sluice.db"), systemClock);
  await store.tokens.insert(record);
  await store.close();
  stops.push(() => server.stop());
  const agent = await startAgent({
    server: server.url,
    token,
    environments: [{ name: "dev", git: { repository, branch: "main", paths: ["clusters/dev"] } }],
    kubeconfig: cluster.kubeconfig,
    data: join(folder.path, "agent"),
    poll: 5_000,
    log,
  });
  stops.push(() => agent.stop());
}, 120_000);

afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
}, 30_000);

function push(tag: string): Promise<string> {
  return pushImage({ registry: registry.url, repository: "shop/catalogue", tag, labels: {}, createdAt: Date.now() });
}
async function cell() {
  const matrix = (await (await fetch(`${server.url}/api/v1/matrix`)).json()) as MatrixView;
  return matrix.rows[0]?.cells.dev;
}

async function runs(tag: string): Promise<boolean> {
  return (await cell())?.containers[0]?.running.some((entry) => entry.image.endsWith(`:${tag}`)) ?? false;
}
/** Pushes a tag and answers the milliseconds until a pod runs it. */
async function pushedToRunning(tag: string): Promise<number> {
  const started = Date.now();
  await push(tag);
  await until(`${tag} running`, () => runs(tag));
  return Date.now() - started;
}
async function settled(tag: string): Promise<void> {
  await until(`${tag} healthy`, async () => {
    const now = await cell();
    return now?.containers[0]?.version.tag === tag && now.verdict.state === "healthy";
  });
}

test("an image pushed to the registry runs in the cluster, and nothing else of its file changed", async () => {
  await settled("1.0.0");
  log.info("pushed to running by notification", { ms: await pushedToRunning("1.1.0") });
  await settled("1.1.0");
  const { items } = (await (await fetch(`${server.url}/api/v1/promotions`)).json()) as {
    items: { promotion: { state: string } }[];
  };
  expect(items.map((item) => item.promotion.state)).toEqual(["succeeded"]);
  const bare = join(folder.path, "git/shop/config.git");
  expect(git(bare, "rev-list", "--count", "main").trim()).toBe("2");
  expect(git(bare, "show", "--format=", "--numstat", "main").trim()).toBe("1\t1\tclusters/dev/catalogue.yaml");
  expect(git(bare, "show", "--format=", "main")).toContain('1.1.0" } # keep me');
});

test("without a notification the next poll finds the image", async () => {
  const { url } = hook;
  hook.url = "http://127.0.0.1:1";
  log.info("pushed to running by polling every 10 s", { ms: await pushedToRunning("1.2.0") });
  hook.url = url;
  await settled("1.2.0");
});
