import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newToken } from "../../../src/api/auth.ts";
import { startServer } from "../../../src/main/server.ts";
import { systemClock } from "../../../src/model/ports/clock.ts";
import { silentLog } from "../../../src/model/ports/log.ts";
import { pushImage } from "../../../src/sandbox/registry/push.ts";
import { startRegistry } from "../../../src/sandbox/registry/server.ts";
import { openSqliteStore } from "../../../src/store/store.ts";
import { makeRepository, temporaryFolder } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { startStandInAgent } from "./stand-in-agent.ts";

const environments = ["dev", "prod-eu", "prod-us"];
const host = "registry.shop.example";

export interface World {
  readonly url: string;
  readonly folder: string;
  /** Bare repository with the manifests and the documents. */
  readonly bare: string;
  push(service: string, tag: string): Promise<void>;
  /** From then on nobody applies what is committed. */
  stopAgent(): Promise<void>;
  stop(): Promise<void>;
}

/** A real server with a registry and a repository: dev takes what is new by itself, prod's two regions wait for a person,
 * and orders in prod-us are locked. */
export async function startWorld(): Promise<World> {
  const folder = temporaryFolder();
  const bare = join(folder.path, "config.git");
  const hook = { url: "" };
  const registry = await startRegistry({
    notify: (envelope) =>
      void fetch(`${hook.url}/api/v1/hooks/registry`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(envelope),
      }).catch(() => {}),
  });
  const push = async (service: string, tag: string) =>
    void (await pushImage({
      registry: registry.url,
      repository: `shop/${service}`,
      tag,
      labels: { "org.opencontainers.image.revision": "4f2c1d0aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
      createdAt: Date.now(),
    }));
  for (const service of ["catalogue", "orders"]) await push(service, "1.0.0");
  makeRepository(bare, manifests());
  const documents = join(folder.path, "documents");
  mkdirSync(documents);
  writeFileSync(join(documents, "shop.yaml"), documentsOf(bare, registry.url));
  const data = join(folder.path, "server");
  const server = await startServer({
    data,
    host: "127.0.0.1",
    port: 0,
    configuration: { kind: "folder", folder: documents },
    gitPoll: 5_000,
    trial: { control: "http://127.0.0.1:1" },
    log: silentLog,
  });
  await server.ready;
  hook.url = server.url;
  const { token, record } = newToken("agents", "agent", environments, Date.now());
  const store = await openSqliteStore(join(data, "sluice.db"), systemClock);
  await store.tokens.insert(record);
  await store.close();
  const agent = startStandInAgent({ server: server.url, token, bare, repository: bare, environments });
  await until("everything to be healthy", async () => {
    const { rows } = (await (await fetch(`${server.url}/api/v1/matrix`)).json()) as {
      rows: { cells: Record<string, { verdict: { state: string } }> }[];
    };
    const cells = rows.flatMap((row) => Object.values(row.cells));
    return cells.length === 6 && cells.every((cell) => cell.verdict.state === "healthy");
  });
  return {
    url: server.url,
    folder: folder.path,
    bare,
    push,
    stopAgent: agent.stop,
    async stop() {
      await agent.stop();
      await server.stop();
      await registry.close();
      folder.remove();
    },
  };
}

function manifests(): Record<string, string> {
  return Object.fromEntries(
    environments.flatMap((environment) =>
      ["catalogue", "orders"].map((name) => [
        `clusters/${environment}/${name}.yaml`,
        `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop${lock(environment, name)} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - { name: ${name}, image: "${host}/shop/${name}:1.0.0" } # keep me
`,
      ]),
    ),
  );
}

/** Orders in prod-us are locked by Ana. */
function lock(environment: string, name: string): string {
  if (environment !== "prod-us" || name !== "orders") return "";
  return ', annotations: { fluxcd.io/locked: "true", fluxcd.io/locked_user: ana, fluxcd.io/locked_msg: audit }';
}

function documentsOf(repository: string, registry: string): string {
  const environment = (name: string) => `apiVersion: sluice.dev/v1
kind: Environment
metadata: { name: ${name} }
spec:
  cluster: ${name}
  git: { repository: "${repository}", paths: [clusters/${name}] }
  health: { settle: 100ms }
---
`;
  return `${environments.map(environment).join("")}apiVersion: sluice.dev/v1
kind: Settings
metadata: { name: shop }
spec:
  registries: [{ host: ${host}, endpoint: "${registry}", poll: 10s }]
---
apiVersion: sluice.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  workloads: [{ namespace: shop }]
  stages:
    - { name: dev, environments: [dev], from: [{ registry: {} }], promote: automatic }
    - { name: prod, environments: [prod-eu, prod-us], order: sequence, from: [{ stage: dev }], promote: manual }
`;
}
