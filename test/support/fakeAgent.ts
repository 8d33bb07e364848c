import { join } from "node:path";
import WebSocket from "ws";
import { followedRules } from "../../src/agent/unapplied.ts";
import { createMirrors } from "../../src/git/mirrors.ts";
import { type GitLocation, type ImageRules, noImageRules } from "../../src/model/documents.ts";
import { type AgentFrame, protocolVersion, type ServerFrame } from "../../src/model/protocol.ts";
import type { EnvironmentReport, WorkloadReport } from "../../src/model/report.ts";
import type { VerdictState } from "../../src/model/verdict.ts";
import type { Workload } from "../../src/model/workload.ts";
import { readEnvironmentTree } from "../../src/repositories/trees.ts";

export interface FakeAgentOptions {
  readonly server: string;
  readonly token: string;
  readonly folder: string;
  readonly environments: Readonly<Record<string, GitLocation>>;
}
/** How a workload does with the images Git names. */
export type Behave = (workload: Workload, environment: string) => VerdictState;

/**
 * An agent without a cluster: reads Git as a real one does, takes what it reads for applied at once, and reports each
 * workload as it is told. Comes back by itself when the server was away.
 */
export class FakeAgent {
  readonly frames: ServerFrame[] = [];
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  /** Healthy unless told otherwise. */
  behave: Behave = () => "healthy";
  /** What it sends when it is asked what runs; undefined is the agent of an older version, which knows no such wish. */
  runs: string | undefined = "";
  /** While set, wishes to sync are not followed. */
  paused = false;
  readonly #options: FakeAgentOptions;
  readonly #mirrors;
  #socket: WebSocket | undefined;
  #images: ReadonlyMap<string, ImageRules> = new Map();
  #stopped = false;
  #reporting: Promise<void> = Promise.resolve();

  constructor(options: FakeAgentOptions) {
    this.#options = options;
    this.#mirrors = createMirrors(join(options.folder, "git"));
  }

  /** Connects; resolves when the server has welcomed us or closed. */
  connect(): Promise<void> {
    return new Promise((resolve) => {
      const socket = new WebSocket(new URL("/api/v1/agent", this.#options.server.replace(/^http/, "ws")), {
        headers: { authorization: `Bearer ${this.#options.token}` },
      });
      this.#socket = socket;
      socket.on("open", () => {
        this.send({
          type: "hello",
          protocol: protocolVersion,
          version: "fake",
          environments: Object.keys(this.#options.environments),
        });
        for (const name of Object.keys(this.#options.environments)) void this.report(name);
      });
      socket.on("message", (data) => {
        const frame = JSON.parse(String(data)) as ServerFrame;
        this.frames.push(frame);
        if (frame.type === "welcome") {
          this.#images = new Map(frame.settings.map(({ environment, images }) => [environment, images]));
          resolve();
        }
        if (frame.type === "export" && this.runs === undefined) this.send({ type: "unsupported", frame: "export" });
        else if (frame.type === "export")
          this.send({ type: "exported", id: frame.id, part: 0, parts: 1, text: this.runs! });
        if (frame.type === "resend" || (frame.type === "sync" && !this.paused)) void this.report(frame.environment);
      });
      socket.on("error", () => {});
      socket.on("close", (code, reason) => {
        this.closes.push({ code, reason: String(reason) });
        resolve();
        if (!this.#stopped && code < 4_000) setTimeout(() => !this.#stopped && void this.connect(), 50);
      });
    });
  }

  send(frame: AgentFrame): void {
    this.sendText(JSON.stringify(frame));
  }
  sendText(text: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  /** Reads Git and reports every workload, one report after the other. */
  report(environment: string): Promise<void> {
    this.#reporting = this.#reporting.then(async () => {
      const report = await this.read(environment).catch(() => undefined);
      if (report !== undefined) this.send({ type: "report", report });
    });
    return this.#reporting;
  }
  async reportAll(): Promise<void> {
    for (const name of Object.keys(this.#options.environments)) await this.report(name);
  }

  async read(environment: string): Promise<EnvironmentReport> {
    const git = this.#options.environments[environment]!;
    const mirror = await this.#mirrors.open(git.repository);
    await mirror.fetch();
    const commit = (await mirror.head(git.branch))!;
    const images = followedRules(this.#images.get(environment) ?? noImageRules, git.paths);
    const tree = await readEnvironmentTree(mirror, commit, { paths: git.paths, images });
    const at = Date.now();
    return {
      environment,
      git,
      at,
      attempted: { commit, at },
      applied: { commit, at },
      objects: tree.workloads.size,
      problems: [],
      workloads: [...tree.workloads.values()].map((workload) => this.#workload(workload, environment, at)),
    };
  }

  #workload(workload: Workload, environment: string, at: number): WorkloadReport {
    const state = this.behave(workload, environment);
    return {
      id: workload.id,
      verdict: {
        state,
        message: state === "failed" ? "CrashLoopBackOff: told to fail" : state,
        since: at,
        desired: 1,
        updated: 1,
        ready: state === "healthy" ? 1 : 0,
        available: state === "healthy" ? 1 : 0,
        evidence: [],
      },
      containers: workload.containers.map(({ container, image }) => ({
        container,
        image,
        running: [{ image, pods: 1 }],
      })),
      drift: [],
    };
  }

  /** Breaks the connection without a word, as a dead machine does. */
  drop(): void {
    this.#socket?.terminate();
  }
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#socket?.terminate();
    await this.#reporting;
    await this.#mirrors.close();
  }
}
