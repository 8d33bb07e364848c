import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { SluiceError } from "../../errors.ts";

export interface ChildOptions {
  /** What it is, for people: `the agent of prod-eu`. */
  readonly name: string;
  readonly module: string;
  readonly args: readonly string[];
  /** Its output goes here. */
  readonly log: string;
  /** Called when it ended by itself and could not be brought back. */
  readonly lost: (why: SluiceError) => void;
}
const restartAfterMs = 700;
const endWithinMs = 5_000;
/** A process that ends sooner than this after its start is not brought back for ever. */
const steadyMs = 10_000;
const maxQuickEnds = 5;

/**
 * One process of the trial. It tells that it is ready over its IPC channel and ends when the channel does, so it never
 * outlives us. One that ends by itself is started again, unless it was stopped by hand.
 */
export class Child {
  readonly #options: ChildOptions;
  #process: ChildProcess | undefined;
  #wanted = false;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #quickEnds = 0;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }
  get pid(): number | undefined {
    return this.#process?.pid;
  }
  /** The running process, to talk to. */
  get process(): ChildProcess | undefined {
    return this.#process;
  }

  /** Starts it; resolves with what it says when it is ready, throws with the end of its log when it ends before. */
  start(): Promise<unknown> {
    this.#wanted = true;
    clearTimeout(this.#timer);
    if (this.#process !== undefined) return Promise.resolve(undefined);
    const { module, args, log } = this.#options;
    const output = openSync(log, "a");
    const child = fork(module, args, { stdio: ["ignore", output, output, "ipc"], execArgv: [] });
    closeSync(output);
    this.#process = child;
    this.#startedAt = Date.now();
    return new Promise((resolve, reject) => {
      let ready = false;
      child.on("message", (message) => {
        const said = message as { ready?: unknown };
        if (said.ready === undefined) return;
        ready = true;
        resolve(said.ready);
      });
      child.once("error", () => {});
      child.once("exit", (code, signal) => {
        if (this.#process === child) this.#process = undefined;
        const error = this.#failure(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
        if (!ready) reject(error);
        if (ready || this.#quickEnds > 0) this.#bringBack(error);
      });
    });
  }

  /** Ends it at once, as `kill -9` does; it stays away until it is started again. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }
  /** Asks it to end, and ends it when it does not. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), endWithinMs);
    await ended;
    clearTimeout(timer);
  }

  #bringBack(error: SluiceError): void {
    if (!this.#wanted) return;
    this.#quickEnds = Date.now() - this.#startedAt < steadyMs ? this.#quickEnds + 1 : 1;
    if (this.#quickEnds > maxQuickEnds) {
      this.#wanted = false;
      this.#options.lost(error);
      return;
    }
    this.#timer = setTimeout(() => void this.start().catch(() => {}), restartAfterMs);
  }

  #failure(how: string): SluiceError {
    const { name, log } = this.#options;
    const lines = readFileSync(log, "utf8").trimEnd().split("\n").slice(-12).join("\n");
    return new SluiceError("internal", `${name} ${how}. It said last:\n${lines}`, {
      help: "Correct what it names and start the trial again.",
    });
  }
}
