import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { newToken } from "../api/auth.ts";
import { SluiceError } from "../errors.ts";
import { systemClock } from "../model/ports/clock.ts";
import { Child } from "../sandbox/supervisor/child.ts";
import { startControl } from "../sandbox/supervisor/control.ts";
import { ask, type WorldOrder, type WorldReady } from "../sandbox/world/messages.ts";
import { configurationPath, environmentNames } from "../sandbox/world/seed.ts";
import { openSqliteStore } from "../store/store.ts";

/** Everything of the trial that listens and that documents or people name. */
export const trialPortNames = ["server", "git", "registry", ...environmentNames] as const;
export type TrialPorts = Readonly<Record<(typeof trialPortNames)[number], number>>;

export interface TrialOptions {
  readonly folder: string;
  readonly ports: TrialPorts;
  readonly from?: string;
  /** Called when a part ended again and again. */
  readonly lost: (error: SluiceError) => void;
}
const commandLine = join(import.meta.dirname, "../../bin/sluice.mjs");
const sandboxEntry = join(import.meta.dirname, "sandbox.ts");
const poll = "10s";
const agentSchema = z.strictObject({ environment: z.string().max(63) });

/** The processes of a trial and what can be asked of them. */
export class Trial {
  readonly #options: TrialOptions;
  readonly #sandbox: Child;
  readonly #agents = new Map<string, Child>();
  #server: Child | undefined;
  #control: { url: string; close(): Promise<void> } | undefined;
  #world: WorldReady | undefined;

  constructor(options: TrialOptions) {
    this.#options = options;
    const { folder, ports, from } = options;
    const order: WorldOrder = {
      folder: join(folder, "world"),
      ports: { git: ports.git, registry: ports.registry, clusters: ports },
      server: this.#url,
      ...(from === undefined ? {} : { from }),
    };
    mkdirSync(join(folder, "logs"), { recursive: true });
    this.#sandbox = this.#child("the sandbox", sandboxEntry, [JSON.stringify(order)], "sandbox");
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#options.ports.server}`;
  }

  /**
   * Starts the world and the server side by side; the server takes up the configuration as soon as Git answers. Agents
   * come after, so that the page is there first.
   */
  async start(): Promise<{ url: string; world: WorldReady }> {
    const { folder, ports } = this.#options;
    const world = this.#sandbox.start();
    world.catch(() => {});
    const control = startControl(0, { state: () => this.#state(), act: (action, body) => this.#act(action, body) });
    await this.#makeTokens();
    this.#control = await control;
    const args = ["server", "--data", join(folder, "server"), "--config", `${this.#config}#main:sluice`];
    args.push("--port", String(ports.server), "--git-poll", poll, "--trial", this.#control.url);
    this.#server = this.#child("the server", commandLine, args, "server");
    const [ready] = await Promise.all([world, this.#server.start()]);
    this.#world = ready as WorldReady;
    await fetch(`${this.#url}/api/v1/hooks/git`, { method: "POST" }).catch(() => {});
    return { url: this.#url, world: this.#world };
  }

  async startAgents(): Promise<void> {
    for (const name of environmentNames) this.#agents.set(name, this.#agent(name));
    await Promise.all([...this.#agents.values()].map((agent) => agent.start()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#agents.values(), ...(this.#server ? [this.#server] : [])].map((child) => child.stop()));
    await this.#sandbox.stop();
    await this.#control?.close();
  }
  /** Ends all at once, for somebody who does not want to wait. */
  kill(): void {
    for (const child of [...this.#agents.values(), this.#server, this.#sandbox]) void child?.kill();
  }

  /** Address of the configuration repository. */
  get #config(): string {
    return `http://127.0.0.1:${this.#options.ports.git}/${configurationPath}.git`;
  }

  #agent(name: string): Child {
    const { folder } = this.#options;
    const args = ["agent", "--server", this.#url, "--token-file", tokenFile(folder, name), "--environment", name];
    args.push("--repository", this.#config, "--branch", "main", "--path", `clusters/${name}`, "--poll", poll);
    args.push("--kubeconfig", join(folder, "world", "clusters", name, "kubeconfig"));
    args.push("--data", join(folder, "agents", name));
    return this.#child(`the agent of ${name}`, commandLine, args, `agent-${name}`);
  }

  #child(name: string, module: string, args: readonly string[], log: string): Child {
    const { folder, lost } = this.#options;
    return new Child({ name, module, args, log: join(folder, "logs", `${log}.log`), lost });
  }

  /** One token an agent, made before the server starts; those of an earlier run go on. */
  async #makeTokens(): Promise<void> {
    const { folder } = this.#options;
    const missing = environmentNames.filter((name) => !existsSync(tokenFile(folder, name)));
    if (missing.length === 0) return;
    mkdirSync(join(folder, "server"), { recursive: true });
    const store = await openSqliteStore(join(folder, "server", "sluice.db"), systemClock);
    for (const name of missing) {
      const { token, record } = newToken(`agent ${name}`, "agent", [name], systemClock.now());
      await store.tokens.insert(record);
      mkdirSync(join(folder, "agents", name), { recursive: true });
      writeFileSync(tokenFile(folder, name), `${token}\n`, { mode: 0o600 });
    }
    await store.close();
  }

  async #state(): Promise<object> {
    const { git, registry } = this.#world!;
    return {
      ...(await ask(this.#talk(), "services", {})),
      environments: environmentNames.map((name) => ({
        name,
        agent: this.#agents.get(name)?.running ? "running" : "stopped",
      })),
      git: this.#config,
      registry,
      note: `A trial on this machine: the clusters are simulated; the agents, the server, Git (${git}) and the registry are real.`,
    };
  }

  async #act(action: string, body: unknown): Promise<object> {
    if (action !== "stop-agent" && action !== "start-agent") return ask(this.#talk(), action, body);
    const result = agentSchema.safeParse(body);
    const name = result.data?.environment ?? "";
    const agent = this.#agents.get(name);
    if (agent === undefined)
      throw new SluiceError("not_found", `There is no agent of an environment "${name}".`, {
        help: `There are ${environmentNames.join(", ")}.`,
      });
    if (action === "stop-agent") {
      await agent.kill();
      return { text: `Stopped the agent of ${name}. Nothing reaches that cluster until it is started again.` };
    }
    await agent.start();
    return { text: `Started the agent of ${name}.` };
  }

  #talk(): NonNullable<Child["process"]> {
    const { process } = this.#sandbox;
    if (process === undefined) throw new SluiceError("unreachable", "The trial's clusters are being restarted.");
    return process;
  }
}

function tokenFile(folder: string, environment: string): string {
  return join(folder, "agents", environment, "token");
}
