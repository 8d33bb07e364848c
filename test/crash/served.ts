import { type ChildProcess, spawn } from "node:child_process";
import { type EventEmitter, once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { until } from "../support/until.ts";
import type { World } from "../support/world.ts";

/** The servers of one crash test: each kills itself at the point given, once, and is started again. */
export class Served {
  readonly #world: World;
  readonly #killed: string;
  readonly #point: string;
  readonly #children = new Set<ChildProcess>();

  constructor(world: World, point: string) {
    this.#world = world;
    this.#point = point;
    this.#killed = join(world.folder, "killed");
  }

  /** Resolves when a server in a process of its own listens, or has killed itself before that. */
  async start(): Promise<ChildProcess> {
    const { data, port, configuration } = this.#world;
    const options = { data, port, configuration, at: this.#point, once: this.#killed };
    const child = spawn(process.execPath, [join(import.meta.dirname, "serve.ts"), JSON.stringify(options)], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, SLUICE_LOG: "warn" },
    });
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    const errors: string[] = [];
    child.stderr!.on("data", (chunk: Buffer) => errors.push(String(chunk)));
    const url = await Promise.race([
      once(createInterface({ input: child.stdout! }) as EventEmitter, "line"),
      once(child as EventEmitter, "exit").then(() => undefined),
    ]);
    if (url === undefined && !existsSync(this.#killed)) throw new Error(`the server did not start: ${errors.join("")}`);
    return child;
  }

  async killed(child: ChildProcess): Promise<void> {
    await until("the end of the process", () => child.signalCode === "SIGKILL");
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    }
  }
}
