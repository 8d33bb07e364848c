import WebSocket from "ws";
import { messageOf } from "../errors.ts";
import type { HealthSettings, ImageRules } from "../model/documents.ts";
import type { Log } from "../model/ports/log.ts";
import {
  type AgentFrame,
  exportPartLength,
  maxFrameBytes,
  protocolVersion,
  type ServerFrame,
  serverFrameSchema,
} from "../model/protocol.ts";
import type { EnvironmentReport, WorkloadReport } from "../model/report.ts";

export interface LinkOptions {
  readonly server: string;
  readonly token: string;
  readonly version: string;
  readonly environments: readonly string[];
  readonly log: Log;
  readonly onSync: (environment: string) => void;
  readonly onSettings: (environment: string, settings: HealthSettings, images: ImageRules) => void;
  /** Asks for a full report of an environment. */
  readonly onResend: (environment: string) => void;
  /** Asks for what runs in an environment, as text. */
  readonly onExport: (environment: string) => Promise<string>;
}
const pingMs = 5_000;
const maxWaitMs = 15_000;
/** The server's word that another agent reports for one of our environments now. */
const takenOver = 4409;
/** Two agents for one environment must not take it from each other all the time. */
const takenOverWaitMs = 30_000;
/** Reports wait while this much is unsent: the newest one replaces those that wait. */
const maxUnsentBytes = 1024 * 1024;

/** The one connection to the server: dials out, comes back by itself, sends full reports first and deltas after. */
export class Link {
  readonly #options: LinkOptions;
  readonly #sent = new Map<string, Map<string, string>>();
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ping: NodeJS.Timeout | undefined;
  #failures = 0;
  #stopped = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  start(): void {
    const { server, token, log } = this.#options;
    const url = new URL("/api/v1/agent", server.replace(/^http/, "ws"));
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${token}` },
      maxPayload: maxFrameBytes,
      handshakeTimeout: 10_000,
    });
    this.#socket = socket;
    let heardAt = Date.now();
    socket.on("open", () => {
      this.#sent.clear();
      this.#send({
        type: "hello",
        protocol: protocolVersion,
        version: this.#options.version,
        environments: [...this.#options.environments],
      });
      for (const environment of this.#options.environments) this.#options.onResend(environment);
      this.#ping = setInterval(() => {
        if (Date.now() - heardAt > 3 * pingMs) socket.terminate();
        else socket.ping();
      }, pingMs);
    });
    socket.on("pong", () => {
      heardAt = Date.now();
    });
    socket.on("message", (data) => {
      heardAt = Date.now();
      this.#message(String(data));
    });
    socket.on("error", (error) => {
      if (this.#failures === 0)
        log.warn("the server cannot be reached; work goes on without it", { problem: messageOf(error) });
    });
    socket.on("close", (code, reason) => {
      clearInterval(this.#ping);
      if (code === takenOver)
        log.error(
          "another agent reports for an environment of this one; work goes on, and this one comes back later. Run one agent for each environment",
          { environments: this.#options.environments.join(", "), wait: `${takenOverWaitMs / 1_000} s or more` },
        );
      else if (code >= 4_000) log.error("the server closed the connection", { code, reason: String(reason) });
      this.#retry(code);
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#ping);
    const socket = this.#socket;
    socket?.close();
    // A server that does not say goodbye must not hold the agent.
    setTimeout(() => socket?.terminate(), 1_000).unref();
  }

  /** Sends what changed since the last report of the environment; nothing while the server is away. */
  report(report: EnvironmentReport): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > maxUnsentBytes) {
      setTimeout(() => this.#options.onResend(report.environment), 250).unref();
      return;
    }
    const before = this.#sent.get(report.environment);
    const now = new Map(report.workloads.map((workload) => [workload.id, JSON.stringify(workload)]));
    this.#sent.set(report.environment, now);
    if (before === undefined) return this.#send({ type: "report", report });
    const changed = report.workloads.filter(
      (workload: WorkloadReport) => before.get(workload.id) !== now.get(workload.id),
    );
    const gone = [...before.keys()].filter((id) => !now.has(id));
    const { workloads: _, ...rest } = report;
    this.#send({ type: "delta", report: rest, changed, gone });
  }

  #message(text: string): void {
    let json: { type?: unknown };
    try {
      json = JSON.parse(text) as { type?: unknown };
    } catch {
      return;
    }
    const frame = serverFrameSchema.safeParse(json);
    if (frame.success) this.#frame(frame.data);
    else this.#send({ type: "unsupported", frame: String(json.type).slice(0, 50) });
  }

  #frame(frame: ServerFrame): void {
    if (frame.type === "sync") this.#options.onSync(frame.environment);
    else if (frame.type === "export") void this.#export(frame.id, frame.environment);
    else if (frame.type === "resend") {
      this.#sent.delete(frame.environment);
      this.#options.onResend(frame.environment);
    } else if (frame.type === "welcome") {
      // A server that lets us in and sends us away again has not been reached: the wait grows until it welcomes us.
      this.#failures = 0;
      for (const { environment, images, ...settings } of frame.settings)
        this.#options.onSettings(environment, settings, images);
    } else this.#options.log.warn("the server does not know a frame", { frame: frame.frame });
  }

  /** Answers over the connection that asked, one part after the other: the next when the one before is on its way. */
  async #export(id: string, environment: string): Promise<void> {
    const socket = this.#socket;
    const send = (frame: AgentFrame) =>
      new Promise<boolean>((told) => {
        if (socket === undefined) told(false);
        else socket.send(JSON.stringify(frame), (error) => told(error === undefined || error === null));
      });
    try {
      const text = await this.#options.onExport(environment);
      const parts = Math.max(1, Math.ceil(text.length / exportPartLength));
      for (let part = 0; part < parts; part++) {
        const piece = text.slice(part * exportPartLength, (part + 1) * exportPartLength);
        if (!(await send({ type: "exported", id, part, parts, text: piece }))) return;
      }
    } catch (error) {
      await send({ type: "refused", id, message: messageOf(error) });
    }
  }

  #send(frame: AgentFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #retry(code: number): void {
    if (this.#stopped) return;
    const wait = waitBeforeRetry(code, this.#failures, Math.random());
    this.#failures++;
    this.#timer = setTimeout(() => this.start(), wait);
  }
}

/** Milliseconds before the server is tried again: longer after every failure, and long when another agent took over. */
export function waitBeforeRetry(code: number, failures: number, random: number): number {
  const atLeast = code === takenOver ? takenOverWaitMs : 0;
  return atLeast + Math.min(maxWaitMs, 250 * 2 ** Math.min(failures, 8)) * (0.5 + random / 2);
}
