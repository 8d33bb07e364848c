import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newToken } from "../../src/api/auth.ts";
import { createKubernetesClient } from "../../src/kubernetes/client.ts";
import { startServer } from "../../src/main/server.ts";
import { systemClock } from "../../src/model/ports/clock.ts";
import type { KubernetesClient } from "../../src/model/ports/kubernetes.ts";
import { silentLog } from "../../src/model/ports/log.ts";
import { openSqliteStore } from "../../src/store/store.ts";
import { makeRepository, temporaryFolder } from "../../test/support/repository.ts";
import { clusters, repositoryFiles } from "./documents.ts";
import type { AgentOrder, WorldMessage } from "./messages.ts";

/** Everything the bench measures: the outside world and each agent in processes of their own, the server in this one. */
export interface BenchWorld {
  readonly folder: string;
  readonly server: string;
  readonly registry: string;
  readonly git: string;
  readonly clients: ReadonlyMap<string, KubernetesClient>;
  /** Resolves with the time of the next push to a repository. */
  nextPush(repository: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<BenchWorld> {
  const folder = temporaryFolder();
  const children: ChildProcess[] = [];
  const stops: (() => unknown)[] = [folder.remove, () => Promise.all(children.map(end))];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const child = fork(join(import.meta.dirname, "world.process.ts"), [folder.path]);
    children.push(child);
    const waiting: { repository: string; done: (at: number) => void }[] = [];
    const ready = await new Promise<Extract<WorldMessage, { type: "ready" }>>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the world ended with code ${code}`)));
      child.on("message", (message: WorldMessage) => {
        if (message.type === "ready") return resolve(message);
        const found = waiting.findIndex(({ repository }) => message.repository.startsWith(repository));
        if (found >= 0) waiting.splice(found, 1)[0]!.done(message.at);
      });
    });
    const repository = `${ready.git}/shop/config.git`;
    makeRepository(join(folder.path, "git/shop/config.git"), repositoryFiles(repository, ready.registry));
    makeRepository(join(folder.path, "git/shop/baseline.git"), { "a.yaml": "a: 1\n" });
    const data = join(folder.path, "server");
    const tokens = await makeTokens(data);
    const server = await startServer({
      data,
      host: "127.0.0.1",
      port: 0,
      configuration: { kind: "git", repository, branch: "main", path: "sluice" },
      gitPoll: 60_000,
      trial: { control: "http://127.0.0.1:9" },
      log: silentLog,
    });
    stops.push(() => server.stop());
    await server.ready;
    child.send({ hook: `${server.url}/api/v1/hooks/registry` });
    const clients = new Map<string, KubernetesClient>();
    for (const { name, url, kubeconfig } of ready.clusters) {
      const client = createKubernetesClient({ server: url, token: () => "bench" });
      stops.push(() => client.close());
      clients.set(name, client);
      const file = join(folder.path, `${name}.json`);
      writeFileSync(file, JSON.stringify(kubeconfig));
      const order: AgentOrder = {
        server: server.url,
        token: tokens.get(name)!,
        environment: name,
        repository,
        kubeconfig: file,
        data: join(folder.path, `agent-${name}`),
      };
      children.push(fork(join(import.meta.dirname, "agent.process.ts"), [JSON.stringify(order)]));
    }
    return {
      folder: folder.path,
      server: server.url,
      registry: ready.registry,
      git: ready.git,
      clients,
      nextPush: (name) => new Promise((done) => waiting.push({ repository: name, done })),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeTokens(data: string): Promise<Map<string, string>> {
  mkdirSync(data, { recursive: true });
  const store = await openSqliteStore(join(data, "sluice.db"), systemClock);
  const tokens = new Map<string, string>();
  for (const name of clusters) {
    const { token, record } = newToken(name, "agent", [name], Date.now());
    await store.tokens.insert(record);
    tokens.set(name, token);
  }
  await store.close();
  return tokens;
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.once("exit", () => done());
    child.kill("SIGKILL");
  });
}
