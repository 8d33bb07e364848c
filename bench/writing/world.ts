import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { startServer } from "../../src/main/server.ts";
import { silentLog } from "../../src/model/ports/log.ts";
import type { PlanView, PromotionView } from "../../src/model/views.ts";
import { appendCommits } from "../../src/sandbox/git/repository.ts";
import { temporaryFolder } from "../../test/support/repository.ts";
import { until } from "../../test/support/until.ts";
import { documents, imageCount, imageHost, newTag } from "./manifests.ts";
import type { OutsideMessage } from "./messages.ts";

export interface WritingWorldOptions {
  /** Files of the environment `prod`. */
  readonly files: Readonly<Record<string, string>>;
  /** The environment's folder in the repository. */
  readonly root: string;
  /** A workload and container that can be released once the registry has been read. */
  readonly probe: string;
}

/**
 * What the benches that write measure: Git over HTTP and a registry in a process of their own, the real server with its
 * real store in this one. No agent is there: a release is followed until its commit is pushed.
 */
export interface WritingWorld {
  readonly folder: string;
  readonly server: string;
  /** The address of the environment's repository, and the bare repository itself. */
  readonly repository: string;
  readonly bare: string;
  /** Makes another repository with the same files; answers its address. */
  another(name: string): Promise<string>;
  plan(body: object): Promise<PlanView>;
  promote(body: object): Promise<PromotionView>;
  promotion(id: string): Promise<PromotionView>;
  stop(): Promise<void>;
}

export async function startWritingWorld(options: WritingWorldOptions): Promise<WritingWorld> {
  const folder = temporaryFolder();
  const stops: (() => unknown)[] = [folder.remove];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const child = fork(join(import.meta.dirname, "outside.process.ts"), [folder.path]);
    stops.push(() => end(child));
    const outside = await readyOf(child);
    const repository = `${outside.git}/shop/config.git`;
    const bare = join(folder.path, "git/shop/config.git");
    await seed(bare, {
      ...options.files,
      "sluice/all.yaml": documents(repository, outside.registry, options.root),
    });
    const server = await startServer({
      data: join(folder.path, "server"),
      host: "127.0.0.1",
      port: 0,
      configuration: { kind: "git", repository, branch: "main", path: "sluice" },
      gitPoll: 3_600_000,
      trial: { control: "http://127.0.0.1:9" },
      log: silentLog,
    });
    stops.push(() => server.stop());
    await server.ready;
    const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
      const answer = await fetch(`${server.url}/api/v1${path}`, {
        method,
        ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    };
    const plan = (body: object) => call<PlanView>("POST", "/plans", body);
    await until(`${imageCount} repositories of ${imageHost} to be read`, async () => {
      const body = { target: "prod", selection: [{ workload: options.probe, tag: newTag }] };
      return (await plan(body)).plans[0]!.items.every((item) => item.status === "change");
    });
    return {
      folder: folder.path,
      server: server.url,
      repository,
      bare,
      another: async (name) => {
        await seed(join(folder.path, `git/shop/${name}.git`), options.files);
        return `${outside.git}/shop/${name}.git`;
      },
      plan,
      promote: (body) => call("POST", "/promotions", body),
      promotion: (id) => call("GET", `/promotions/${id}`),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function seed(bare: string, files: Readonly<Record<string, string>>): Promise<void> {
  const author = { name: "Bench", email: "bench@bench.example" };
  await appendCommits(bare, [{ message: "Start", author, at: Date.now(), files }]);
}

function readyOf(child: ChildProcess): Promise<Extract<OutsideMessage, { type: "ready" }>> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the outside world ended with code ${code}`)));
    child.on("message", (message: OutsideMessage) => {
      if (message.type === "ready") resolve(message);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
