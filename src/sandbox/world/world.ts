import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createKubernetesClient } from "../../kubernetes/client.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import type { Log } from "../../model/ports/log.ts";
import type { Workload } from "../../model/workload.ts";
import { Ci } from "../ci/ci.ts";
import { startGitServer } from "../git/server.ts";
import type { BlobStore } from "../registry/blobs.ts";
import { startRegistry } from "../registry/server.ts";
import { readShopWorld } from "../shop/shop.ts";
import { startWorldCluster } from "./cluster.ts";
import { WorldConfiguration } from "./configuration.ts";
import type { WorldAddresses } from "./documents.ts";
import { readFolderWorld } from "./folder-world.ts";
import type { WorldOrder, WorldReady } from "./messages.ts";
import { newestTag } from "./newest.ts";
import { Panel } from "./panel.ts";
import { plantWorld } from "./plant.ts";
import { pullFrom } from "./pull.ts";
import { environmentNames } from "./seed.ts";

export interface World {
  readonly ready: WorldReady;
  answer(action: string, body: unknown): Promise<object>;
  close(): Promise<void>;
}

/** Starts everything outside Sluice: registry, Git server, CI, five clusters with what plays in them. */
export async function startWorld(order: WorldOrder, clock: Clock, log: Log): Promise<World> {
  const { folder, ports, server } = order;
  const gitFolder = join(folder, "git");
  await clearUnfinished(folder);
  await mkdir(gitFolder, { recursive: true });
  const waiting: (() => void)[] = [];
  let ci: Ci | undefined;
  const registry = await startRegistry({
    port: ports.registry,
    folder: join(folder, "registry"),
    notify: (envelope) => tell(`${server}/api/v1/hooks/registry`, envelope),
  });
  const git = await startGitServer({
    port: ports.git,
    folder: gitFolder,
    pushed: (repository) => {
      tell(`${server}/api/v1/hooks/git`, {});
      if (ci === undefined) waiting.push(() => void ci?.pushed(repository));
      else void ci.pushed(repository);
    },
  });
  const clusters = startClusters(order, registry.store, clock, log);
  clusters.catch(() => {});
  const tagsOf = (path: string) => registry.store.tags(path) ?? [];
  const stateFile = join(folder, "ci.json");
  ci = new Ci({ gitFolder, gitUrl: git.url, registry: registry.url, tags: tagsOf, stateFile, clock, log });
  const addresses = { git: git.url, registry: registry.url };
  const configuration = await prepare(order, gitFolder, addresses, ci, clock);
  await ci.start();
  for (const build of waiting) build();
  const running = await clusters;
  const panel = new Panel({
    gitFolder,
    configuration,
    ci,
    tagsOf,
    newestTag: (path) => newestTag(registry.store, path),
    clients: new Map(running.map((cluster) => [cluster.name, cluster.client])),
    clock,
  });
  const services = await panel.services();
  const [dev, prod] = await Promise.all(
    [environmentNames[0], environmentNames.at(-1)!].map((name) => configuration.workloads(name)),
  );
  return {
    ready: {
      ...addresses,
      workloads: dev!.length,
      waiting: imagesOf(dev!) !== imagesOf(prod!),
      example: services.find((service) => service.workloads.some((id) => id.endsWith(`deployment/${service.name}`)))
        ?.name,
    },
    answer: (action, body) => panel.answer(action, body),
    async close() {
      await Promise.all(running.map((cluster) => cluster.close()));
      await ci.idle();
      await Promise.all([git.close(), registry.close()]);
    },
  };
}

function imagesOf(workloads: readonly Workload[]): string {
  return workloads.flatMap((workload) => workload.containers.map((slot) => `${workload.id} ${slot.image}`)).join();
}

/** File that stands while a new world is being made. */
const unfinished = "unfinished";

/** A start that was broken off half way is made again from nothing. */
async function clearUnfinished(folder: string): Promise<void> {
  if (existsSync(join(folder, unfinished))) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** The world as an earlier run left it, at this run's addresses; a new one where there is none. */
async function prepare(
  order: WorldOrder,
  gitFolder: string,
  addresses: WorldAddresses,
  ci: Ci,
  clock: Clock,
): Promise<WorldConfiguration> {
  const mark = join(order.folder, "world.json");
  const before = await readFile(mark, "utf8").then(
    (text) => JSON.parse(text) as WorldAddresses,
    () => undefined,
  );
  if (before === undefined) {
    const seed = order.from === undefined ? await readShopWorld() : await readFolderWorld(order.from);
    await writeFile(join(order.folder, unfinished), "");
    await ci.remember(await plantWorld(seed, gitFolder, addresses, clock.now()));
  }
  const configuration = new WorldConfiguration(gitFolder);
  if (before !== undefined) await configuration.moveTo(before, addresses, clock.now());
  await writeFile(mark, JSON.stringify(addresses));
  await rm(join(order.folder, unfinished), { force: true });
  return configuration;
}

async function startClusters(
  order: WorldOrder,
  images: BlobStore,
  clock: Clock,
  log: Log,
): Promise<readonly { name: string; client: KubernetesClient; close(): Promise<void> }[]> {
  const pull = pullFrom(images);
  return Promise.all(
    environmentNames.map((name) =>
      startWorldCluster({
        name,
        port: order.ports.clusters[name] ?? 0,
        folder: join(order.folder, "clusters", name),
        client: createKubernetesClient,
        pull,
        clock,
        log,
      }),
    ),
  );
}

/** Wakes the server; it looks by itself later when it does not hear. */
function tell(url: string, body: object): void {
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
    .then((answer) => answer.arrayBuffer())
    .catch(() => {});
}
