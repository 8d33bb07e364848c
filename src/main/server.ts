import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createApi } from "../api/server.ts";
import { Catalogue } from "../catalogue/catalogue.ts";
import { Engine } from "../engine/engine.ts";
import { Promotions } from "../engine/promotions.ts";
import { ReleaseRunner } from "../engine/releases.ts";
import { Verifier } from "../engine/verifier.ts";
import { SluiceError } from "../errors.ts";
import { createMirrors } from "../git/mirrors.ts";
import { Hub } from "../hub/hub.ts";
import { systemClock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import { createRegistryClient } from "../registry/client.ts";
import { Planner } from "../releasing/planner.ts";
import { Writer } from "../releasing/writer.ts";
import type { ConfigurationSource } from "../repositories/configuration.ts";
import { Repositories } from "../repositories/repositories.ts";
import { openSqliteStore } from "../store/store.ts";
import { version } from "./version.ts";

export interface ServerOptions {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly configuration: ConfigurationSource;
  /** Milliseconds between Git fetches. */
  readonly gitPoll: number;
  readonly trial?: { readonly control: string };
  readonly hookSecret?: string;
  readonly log: Log;
  readonly reached?: (point: string) => void;
}
const defaultRegistryPoll = 60_000;

/** Puts the server together and starts it. Answers its address and how to stop it. */
export async function startServer(options: ServerOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const { log, reached = () => {} } = options;
  const clock = systemClock;
  mkdirSync(options.data, { recursive: true });
  const store = await openSqliteStore(join(options.data, "sluice.db"), clock);
  await refuseOpenDoor(options, async () => (await store.tokens.list()).length > 0);
  const mirrors = createMirrors(join(options.data, "git"));
  const repositories = new Repositories({ source: options.configuration, mirrors, store, log, poll: options.gitPoll });
  const endpointOf = (host: string) => repositories.configuration.registries.find((entry) => entry.host === host);
  const registry = createRegistryClient((host) => endpointOf(host)?.endpoint);
  const catalogue = new Catalogue({
    registry,
    store,
    clock,
    log,
    pollOf: (host) => endpointOf(host)?.poll ?? defaultRegistryPoll,
  });
  const hub = new Hub({ store, clock, log, environments: () => repositories.configuration.environments });
  const reportOf = (environment: string) => hub.liveReport(environment);
  const planner = new Planner({ repositories, catalogue, store, reportOf });
  const promotions = new Promotions({ store, clock, repositories });
  const writer = new Writer(mirrors, reached);
  const releases = new ReleaseRunner({
    store,
    clock,
    repositories,
    writer,
    promotions,
    reportOf,
    sync: (environment) => hub.sync(environment),
    reached,
  });
  const verifier = new Verifier({ store, clock, repositories, catalogue });
  const engine = new Engine({
    store,
    clock,
    log,
    repositories,
    catalogue,
    planner,
    promotions,
    releases,
    verifier,
    reportOf,
  });
  const web = join(import.meta.dirname, "../../web/dist");
  const api = await createApi({
    version,
    store,
    clock,
    log,
    repositories,
    catalogue,
    planner,
    promotions,
    writer,
    hub,
    trial: options.trial,
    hookSecret: options.hookSecret,
    web: existsSync(join(web, "index.html")) ? web : undefined,
  });
  await hub.start();
  await catalogue.load();
  await repositories.start();
  hub.onReport((environment) => engine.reported(environment));
  repositories.onMoved(({ configuration, environments }) => {
    if (configuration) hub.welcomeAll();
    for (const environment of environments) hub.sync(environment);
  });
  await engine.start();
  const url = await api.listen({ host: options.host, port: options.port });
  log.info("the server listens", { url, version });
  return {
    url,
    async stop() {
      await api.close();
      await engine.stop();
      catalogue.close();
      await hub.close();
      await repositories.close();
      await mirrors.close();
      await registry.close();
      await store.close();
    },
  };
}

const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

/** A server that others can reach answers nobody without a token, so it needs at least one. */
async function refuseOpenDoor(options: ServerOptions, hasTokens: () => Promise<boolean>): Promise<void> {
  if (loopback.has(options.host)) return;
  if (options.trial !== undefined)
    throw new SluiceError("refused", "The trial listens on loopback only.", { help: "Leave out --host." });
  if (!(await hasTokens()))
    throw new SluiceError("refused", `There is no token yet, so nothing may listen on ${options.host}.`, {
      help: "Make one first: sluice token create --name YOU --data FOLDER",
    });
}
