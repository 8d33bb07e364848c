import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { messageOf, SluiceError } from "../errors.ts";
import { onOrphaned } from "../sandbox/supervisor/ancestors.ts";
import { announce, isRunning, withdraw } from "../sandbox/supervisor/announcement.ts";
import { choosePorts } from "../sandbox/supervisor/ports.ts";
import { welcome } from "../sandbox/supervisor/welcome.ts";
import { Trial, type TrialPorts, trialPortNames } from "./trial.ts";

export interface DemoOptions {
  /** Port of the page; 0 takes a free one. */
  readonly port?: number;
  /** Keeps the world's state; a temporary folder without. */
  readonly dir?: string;
  /** Manifests to start from instead of the sample shop. */
  readonly from?: string;
}
/** A trial that is up. `done` resolves with an exit code when it has ended and no process of it is left. */
export interface Demo {
  readonly url: string;
  readonly done: Promise<number>;
}
const checkout = join(import.meta.dirname, "../..");
const trialFile = join(checkout, ".sluice", "trial.json");
const usualPort = 8440;
const temporaryPrefix = "sluice-trial-";

/**
 * Starts the trial world: one process for the clusters, registry, Git server and CI, one for the server, one for each
 * agent. Ends on a signal and with the process that started it. Throws when a part does not start, with its log's end.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  if (options.from !== undefined && !statSync(options.from, { throwIfNoEntry: false })?.isDirectory())
    throw new SluiceError("bad_request", `${options.from} is not a folder.`, {
      help: "Give a folder of Kubernetes manifests to --from.",
    });
  const place = takeFolder(options.dir);
  const ports = await portsOf(place.folder, options.port);
  const from = options.from === undefined ? {} : { from: resolve(options.from) };
  const ended = Promise.withResolvers<number>();
  let ending = false;
  const trial = new Trial({
    folder: place.folder,
    ports,
    ...from,
    lost: (error) => {
      process.stderr.write(`${error.message}\n`);
      void end(1);
    },
  });
  const stopWatching = onOrphaned(() => {
    say("\n  The process that started this trial has ended, so the trial ends too.\n");
    void end(0);
  });
  const onSignal = () => void (ending ? trial.kill() : end(0));
  const ends = ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as const;
  for (const event of ends) process.on(event, onSignal);
  async function end(code: number): Promise<void> {
    if (ending) return;
    ending = true;
    stopWatching();
    withdraw(trialFile, process.pid);
    await trial.stop().catch((error: unknown) => void process.stderr.write(`${messageOf(error)}\n`));
    place.leave();
    for (const event of ends) process.off(event, onSignal);
    ended.resolve(code);
  }
  try {
    const { url, world } = await trial.start();
    const announced = announce(trialFile, { url, git: world.git, registry: world.registry, pid: process.pid });
    const takenPort = takenOf(options.port, ports);
    const tookMs = process.uptime() * 1_000;
    const { folder, kept } = place;
    say(welcome({ url, world, folder, kept, tookMs, announced, ...(takenPort === undefined ? {} : { takenPort }) }));
    if (!ending) void trial.startAgents().catch((error: unknown) => process.stderr.write(`${messageOf(error)}\n`));
    return { url, done: ended.promise };
  } catch (error) {
    if (ending) return { url: "", done: ended.promise };
    await end(1);
    throw error;
  }
}

/** Nobody may be reading any more. */
function say(text: string): void {
  if (process.stdout.writable) process.stdout.write(text);
}

function takenOf(wished: number | undefined, ports: TrialPorts): number | undefined {
  const port = wished ?? usualPort;
  return port === 0 || ports.server === port ? undefined : port;
}

async function portsOf(folder: string, wished: number | undefined): Promise<TrialPorts> {
  const file = join(folder, "ports.json");
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Partial<TrialPorts>) : {};
  const ports = await choosePorts(trialPortNames, { ...before, server: wished ?? usualPort });
  writeFileSync(file, JSON.stringify(ports, null, 2));
  return ports;
}

interface Place {
  readonly folder: string;
  readonly kept: boolean;
  /** Gives it back: a temporary one is removed, a kept one can be taken again. */
  leave(): void;
}

function takeFolder(dir: string | undefined): Place {
  if (dir === undefined) {
    removeLeftovers();
    const folder = mkdtempSync(join(tmpdir(), `${temporaryPrefix}${process.pid}-`));
    return { folder, kept: false, leave: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
  }
  const folder = resolve(dir);
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, "trial.pid");
  const other = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : undefined;
  if (other !== undefined && other !== process.pid && isRunning(other))
    throw new SluiceError("conflict", `Another trial (process ${other}) runs in ${folder}.`, {
      help: "End it first, or give another folder to --dir.",
    });
  writeFileSync(lock, String(process.pid));
  return { folder, kept: true, leave: () => rmSync(lock, { force: true }) };
}

/** Folders of trials that were ended so hard that they could not clean up. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${temporaryPrefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another person's.
    }
  }
}
