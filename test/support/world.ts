import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newToken } from "../../src/api/auth.ts";
import { startServer } from "../../src/main/server.ts";
import { systemClock } from "../../src/model/ports/clock.ts";
import { type Log, silentLog } from "../../src/model/ports/log.ts";
import type { PromotionView } from "../../src/model/views.ts";
import { startGitServer } from "../../src/sandbox/git/server.ts";
import { pushImage } from "../../src/sandbox/registry/push.ts";
import { startRegistry } from "../../src/sandbox/registry/server.ts";
import { openSqliteStore } from "../../src/store/store.ts";
import { FakeAgent } from "./fakeAgent.ts";
import { freePort } from "./registries.ts";
import { commitFiles, git, makeRepository, temporaryFolder } from "./repository.ts";
import { until } from "./until.ts";

const imageHost = "registry.shop.example";

/** A Deployment as people write them, with a comment that has to survive. */
export function deployment(name: string, images: Readonly<Record<string, string>>): string {
  const containers = Object.entries(images).map(
    ([container, tag]) =>
      `        - { name: ${container}, image: "${imageHost}/shop/${container}:${tag}" } # keep me\n`,
  );
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  template:
    spec:
      containers:
${containers.join("")}`;
}
function environmentDocument(name: string, repository: string, commits: string): string {
  return `apiVersion: sluice.dev/v1
kind: Environment
metadata: { name: ${name} }
spec:
  cluster: ${name}
  git: { repository: "${repository}", paths: [clusters/${name}] }
  commits: ${commits}
`;
}

export interface WorldOptions {
  readonly environments: readonly string[];
  /** The stages of the one pipeline `shop`, as YAML flow; without, there is no pipeline. */
  readonly stages?: string;
  /** Workloads of every environment: name -> container -> tag. */
  readonly workloads: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Tags in the registry by repository. */
  readonly images: Readonly<Record<string, readonly string[]>>;
  /** How commits to every environment are written, as YAML flow. */
  readonly commits?: string;
  readonly log?: Log;
  /** Called at the named points of a release. */
  readonly reached?: (point: string) => void;
  /** False where the test starts the server itself. */
  readonly server?: boolean;
  /** False where people need tokens, as everywhere but in the trial; the test makes them in the folder `data`. */
  readonly trial?: boolean;
}

/** Git server, registry and server on loopback with one fake agent for all environments. */
export async function startWorld(options: WorldOptions) {
  const folder = temporaryFolder();
  const stops: (() => unknown)[] = [folder.remove];
  const hooks = { url: options.server === false ? `http://127.0.0.1:${await freePort()}` : "" };
  const post = (path: string, body: object) =>
    void fetch(`${hooks.url}/api/v1/hooks/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }).catch(() => {});
  const registry = await startRegistry({ notify: (envelope) => post("registry", envelope) });
  stops.push(registry.close);
  const gitServer = await startGitServer({ folder: join(folder.path, "git"), pushed: () => post("git", {}) });
  stops.push(gitServer.close);
  const repository = `${gitServer.url}/shop/config.git`;
  const bare = join(folder.path, "git/shop/config.git");
  const files: Record<string, string> = {
    "sluice/settings.yaml": `apiVersion: sluice.dev/v1
kind: Settings
metadata: { name: shop }
spec: { registries: [{ host: ${imageHost}, endpoint: "${registry.url}", poll: 1h }] }
`,
  };
  for (const name of options.environments) {
    files[`sluice/${name}.yaml`] = environmentDocument(name, repository, options.commits ?? "{}");
    for (const [workload, images] of Object.entries(options.workloads))
      files[`clusters/${name}/${workload}.yaml`] = deployment(workload, images);
  }
  if (options.stages !== undefined)
    files["sluice/pipeline.yaml"] = `apiVersion: sluice.dev/v1
kind: Pipeline
metadata: { name: shop }
spec:
  workloads: [{ namespace: shop }]
  stages: ${options.stages}
`;
  makeRepository(bare, files);
  git(folder.path, "clone", "--quiet", bare, "person");
  const clone = join(folder.path, "person");
  let built = Date.now() - 3_600_000;
  const push = (name: string, tag: string) => {
    built += 60_000;
    return pushImage({ registry: registry.url, repository: `shop/${name}`, tag, labels: {}, createdAt: built });
  };
  for (const [name, tags] of Object.entries(options.images)) for (const tag of tags) await push(name, tag);

  const data = join(folder.path, "server");
  const { token, record } = newToken("agents", "agent", options.environments, Date.now());
  const configuration = { kind: "git", repository, branch: "main", path: "sluice" } as const;
  const start = async () => {
    const server = await startServer({
      data,
      host: "127.0.0.1",
      port: hooks.url === "" ? 0 : Number(new URL(hooks.url).port),
      configuration,
      gitPoll: 3_600_000,
      ...(options.trial === false ? {} : { trial: { control: "http://127.0.0.1:1" } }),
      log: options.log ?? silentLog,
      ...(options.reached === undefined ? {} : { reached: options.reached }),
    });
    await server.ready;
    hooks.url = server.url;
    return server;
  };
  let server = options.server === false ? undefined : await start();
  stops.push(() => server?.stop());
  const keepToken = async () => {
    const store = await openSqliteStore(join(data, "sluice.db"), systemClock);
    if ((await store.tokens.byHash(record.hash)) === undefined) await store.tokens.insert(record);
    await store.close();
  };
  mkdirSync(data, { recursive: true });
  await keepToken();
  const places = Object.fromEntries(
    options.environments.map((name) => [name, { repository, branch: "main", paths: [`clusters/${name}`] }]),
  );
  const newAgent = () =>
    new FakeAgent({ server: hooks.url, token, folder: join(folder.path, "agent"), environments: places });
  const agent = newAgent();
  stops.push(() => agent.stop());
  if (server !== undefined) await agent.connect();

  /** Calls the API as somebody; throws what it answers when that is no success. */
  const call = async <T>(method: string, path: string, body?: object, user = "ana"): Promise<T> => {
    const answer = await fetch(`${hooks.url}/api/v1${path}`, {
      method,
      headers: { "x-sluice-user": user, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await answer.json()) as T & { error?: { message: string } };
    if (!answer.ok) throw new Error(`${answer.status} ${json.error?.message}`);
    return json;
  };
  const promotion = (id: string) => call<PromotionView>("GET", `/promotions/${id}`);
  return {
    folder: folder.path,
    bare,
    clone,
    repository,
    data,
    configuration,
    agent,
    newAgent,
    push,
    call,
    promotion,
    get url() {
      return hooks.url;
    },
    /** Where the server is, or has to be started. */
    get port() {
      return Number(new URL(hooks.url).port);
    },
    /** Commits as a person would, on top of what is there; the server is told, as a Git host would. */
    commit(changes: Readonly<Record<string, string | null>>, message: string): string {
      git(clone, "pull", "--quiet", "--rebase");
      const commit = commitFiles(clone, changes, message);
      post("git", {});
      return commit;
    },
    promote: (body: object, user?: string) => call<PromotionView>("POST", "/promotions", body, user),
    ended: (id: string) =>
      until(`${id} to end`, async () => {
        const view = await promotion(id);
        return view.promotion.endedAt !== undefined && view;
      }),
    /** The text of a file at the branch's head. */
    file: (path: string) => git(bare, "show", `main:${path}`),
    /** Messages of the branch's commits, newest first. */
    messages: () =>
      git(bare, "log", "-z", "--format=%B", "main")
        .split("\0")
        .filter((text) => text !== ""),
    async stopServer() {
      await server?.stop();
      server = undefined;
    },
    /** Starts the server again; where the database is gone, the agent's token is made known again first. */
    async restart() {
      await server?.stop();
      await keepToken();
      server = await start();
    },
    async stop() {
      for (const stop of stops.splice(0).reverse()) await stop();
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;
