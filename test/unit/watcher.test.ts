import { expect, onTestFinished, test } from "vitest";
import { createKubernetesClient } from "../../src/kubernetes/client.ts";
import { Watcher } from "../../src/kubernetes/watcher.ts";
import { systemClock } from "../../src/model/ports/clock.ts";
import { startSandboxCluster } from "../../src/sandbox/cluster/server.ts";
import { configMap, configMapKind } from "../contract/contract.ts";
import { temporaryFolder } from "../support/repository.ts";
import { until } from "../support/until.ts";

async function start(options: { port?: number; folder?: string; history?: number } = {}) {
  return startSandboxCluster({ name: "watched", clock: systemClock, bookmarkMs: 50, ...options });
}
function watching(server: string) {
  const client = createKubernetesClient({ server, token: () => "any" });
  const stop = new AbortController();
  const told: string[] = [];
  const problems: string[] = [];
  const watcher = new Watcher(
    client,
    configMapKind,
    { namespace: "default" },
    {
      changed: (object) => told.push(`changed ${object.metadata.name}`),
      gone: (object) => told.push(`gone ${object.metadata.name}`),
      synced: () => told.push("synced"),
      problem: (message) => problems.push(message),
    },
  );
  const run = watcher.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await run;
    await client.close();
  });
  return { client, watcher, told, problems };
}

test("a watcher tells what is there, then what changes, and ends when it is told to", async () => {
  const cluster = await start();
  onTestFinished(() => cluster.close());
  const { client, told } = watching(cluster.url);
  await until("the first list", () => told.includes("synced"));
  await client.create(configMap("default", "a", {}));
  await until("the change", () => told.includes("changed a"));
  await client.remove(configMapKind, "default", "a");
  await until("the removal", () => told.includes("gone a"));
  expect(told).toEqual(["synced", "changed a", "gone a"]);
});

test("after the server was away a watcher lists again and tells only what differs", async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const first = await start({ folder: folder.path });
  const port = Number(new URL(first.url).port);
  const { client, told } = watching(first.url);
  await until("the first list", () => told.includes("synced"));
  await client.create(configMap("default", "kept", {}));
  await client.create(configMap("default", "lost", {}));
  await until("both", () => told.includes("changed kept") && told.includes("changed lost"));
  await first.close();
  const between = await start({ folder: folder.path });
  const other = createKubernetesClient({ server: between.url, token: () => "any" });
  await other.remove(configMapKind, "default", "lost");
  await other.create(configMap("default", "made", {}));
  await other.close();
  await between.close();
  told.length = 0;
  const second = await start({ folder: folder.path, port });
  onTestFinished(() => second.close());
  await until("the second list", () => told.includes("synced"));
  expect([...told].sort()).toEqual(["changed made", "gone lost", "synced"]);
});

test("a long list comes whole, page by page", async () => {
  const cluster = await start();
  onTestFinished(() => cluster.close());
  const client = createKubernetesClient({ server: cluster.url, token: () => "any" });
  onTestFinished(() => client.close());
  const names = Array.from({ length: 1_203 }, (_, index) => `a-${String(index).padStart(4, "0")}`);
  await Promise.all(names.map((name) => client.create(configMap("default", name, {}))));
  const { items } = await client.list(configMapKind, { namespace: "default" });
  expect(items.map((item) => item.metadata.name)).toEqual(names);
  expect(items[0]).toMatchObject(configMapKind);
});
