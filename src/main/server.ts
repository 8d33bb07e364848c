import { existsSync } from "node:fs";
import { join } from "node:path";
import { createApi } from "../api/server.ts";
import { Catalogue } from "../catalogue/catalogue.ts";
import { Engine } from "../engine/engine.ts";
import { PolicyChanges } from "../engine/policyChanges.ts";
import { PolicyRunner } from "../engine/policyRunner.ts";
import { Promotions } from "../engine/promotions.ts";
import { ReleaseRunner } from "../engine/releases.ts";
import { StopRunner } from "../engine/stops.ts";
import { Verifier } from "../engine/verifier.ts";
import { messageOf, SluiceError } from "../errors.ts";
import { createMirrors, gitAccessOf } from "../git/mirrors.ts";
import { publicKeyOf } from "../git/publicKey.ts";
import { Hub } from "../hub/hub.ts";
import { systemClock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import { createRegistryClient } from "../registry/client.ts";
import { Planner } from "../releasing/planner.ts";
import { Writer } from "../releasing/writer.ts";
import type { ConfigurationSource } from "../repositories/configuration.ts";
import { Repositories } from "../repositories/repositories.ts";
import { holdFolder } from "../store/folder.ts";
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

export interface RunningServer {
  readonly url: string;
  /**
   * Resolves when Git has been read and the engine works. Until then the server answers from what it kept: the
   * configuration last in force; what would change something is refused, and `readyz` says 503.
   */
  readonly ready: Promise<void>;
  /** Ends it, also while it still waits for Git. */
  stop(): Promise<void>;
}

/** Puts the server together; resolves when it listens, which waits for nobody else's machine. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const stops: (() => unknown)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts part after part; `stops` ends them in the opposite order, so that nobody writes to what is closed already. */
async function start(options: ServerOptions, stops: (() => unknown)[]): Promise<Omit<RunningServer, "stop">> {
  const { log, reached = () => {} } = options;
  const clock = systemClock;
  const folder = holdFolder(options.data);
  stops.push(() => folder.release());
  const store = await openSqliteStore(join(options.data, "sluice.db"), clock);
  stops.push(() => store.close());
  await refuseOpenDoor(options, async () => (await store.tokens.list()).length > 0);
  const mirrors = createMirrors(join(options.data, "git"), await gitAccessOf(process.env));
  stops.push(() => mirrors.close());
  const repositories = new Repositories({ source: options.configuration, mirrors, store, log, poll: options.gitPoll });
  stops.push(() => repositories.close());
  const endpointOf = (host: string) => repositories.configuration.registries.find((entry) => entry.host === host);
  const registry = createRegistryClient((host) => endpointOf(host)?.endpoint);
  const pollOf = (host: string) => endpointOf(host)?.poll ?? defaultRegistryPoll;
  const catalogue = new Catalogue({ registry, store, clock, log, pollOf });
  stops.push(async () => {
    const closed = catalogue.close();
    await registry.close();
    await closed;
  });
  const hub = new Hub({ store, clock, log, environments: () => repositories.configuration.environments });
  const reportOf = (environment: string) => hub.liveReport(environment);
  const planner = new Planner({ repositories, catalogue, store, reportOf });
  const promotions = new Promotions({
    store,
    clock,
    repositories,
    acceptTags: (name, by) => catalogue.accept(name, by),
  });
  const writer = new Writer(mirrors, reached);
  const sync = (environment: string, commit: string | undefined) => hub.sync(environment, commit);
  const releases = new ReleaseRunner({ store, clock, repositories, writer, reportOf, sync, reached });
  const policies = new PolicyChanges({ store, clock, repositories });
  const policyRunner = new PolicyRunner({ store, clock, repositories, writer, sync, reached });
  const verifier = new Verifier({ store, clock, repositories, catalogue });
  const parts = { store, clock, log, repositories, catalogue, planner, promotions };
  const stopRunner = new StopRunner({ store, clock, repositories, writer });
  const engine = new Engine({
    ...parts,
    owner: folder.owner,
    releases,
    stops: stopRunner,
    policies: policyRunner,
    verifier,
    reportOf,
  });
  let state: "reading Git" | "ready" | "ending" = "reading Git";
  const keyFile = process.env.SLUICE_GIT_SSH_KEY ?? process.env.SLUICE_GIT_SIGNING_KEY;
  const web = join(import.meta.dirname, "../../web/dist");
  const api = await createApi({
    ...parts,
    version,
    policies,
    writer,
    hub,
    publicKey: async () => (keyFile === undefined ? undefined : publicKeyOf(keyFile)),
    isReady: () => state === "ready",
    trial: options.trial,
    hookSecret: options.hookSecret,
    hooksNeedSecret: options.trial === undefined && !loopback.has(options.host),
    web: existsSync(join(web, "index.html")) ? web : undefined,
  });
  stops.push(() => api.close());
  await hub.start();
  stops.push(() => hub.close());
  await catalogue.load();
  await repositories.restore();
  hub.onReport((environment) => engine.reported(environment));
  repositories.onMoved(({ configuration, environments }) => {
    if (configuration) hub.welcomeAll();
    for (const environment of environments) hub.sync(environment, repositories.headOf(environment));
  });
  stops.push(() => engine.stop());
  const url = await api.listen({ host: options.host, port: options.port });
  log.info("the server listens", { url, version });
  const begin = async () => {
    await repositories.start();
    if (state === "ending") return;
    await engine.start();
    state = "ready";
  };
  const ready = begin();
  // Whoever waits for it is told; nobody has to.
  ready.catch((error: unknown) => log.error("the engine could not be started", { problem: messageOf(error) }));
  stops.push(async () => {
    state = "ending";
    repositories.abandon();
    await ready.catch(() => {});
  });
  return { url, ready };
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
