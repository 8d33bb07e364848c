import { messageOf, SluiceError } from "../errors.ts";
import type { Environment } from "../model/documents.ts";
import type { NewEvent } from "../model/event.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import type { Store, TokenRecord } from "../model/ports/store.ts";
import { type AgentFrame, agentFrameSchema, protocolVersion, type ServerFrame } from "../model/protocol.ts";
import type { EnvironmentReport } from "../model/report.ts";
import { agentOf, verdictEvents } from "./changes.ts";
import { Exports } from "./exports.ts";

/** One agent's connection as the hub needs it; the WebSocket is the face's matter. */
export interface Connection {
  send(text: string): void;
  close(code: number, reason: string): void;
}
/** What is known of an environment's agent. */
export interface AgentState {
  readonly connected: boolean;
  /** When the agent was last heard, in ms. */
  readonly lastSeenAt: number | undefined;
  readonly report: EnvironmentReport | undefined;
}
export interface HubOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly environments: () => ReadonlyMap<string, Environment>;
}
interface Session {
  readonly connection: Connection;
  readonly token: TokenRecord;
  environments: readonly string[];
}
/** A sign of life is kept this often when nothing else is to keep. */
const seenKeptEveryMs = 10_000;
const exportMs = 30_000;

interface Known {
  report: EnvironmentReport | undefined;
  session: Session | undefined;
  lastSeenAt: number | undefined;
  dirty: boolean;
  /** `lastSeenAt` as the store has it. */
  keptAt: number;
  /** The commit the session was last woken for. */
  wokenFor: string | undefined;
  /** Whether the session has sent a whole report: deltas count from there. */
  whole: boolean;
  /** Workloads last told as failed, until they are good again. */
  failed: Set<string>;
}

/** Agents' connections and their reports. An environment whose agent is away is never called healthy. */
export class Hub {
  readonly #options: HubOptions;
  readonly #known = new Map<string, Known>();
  readonly #listeners = new Set<(environment: string) => void>();
  readonly #exports = new Exports();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** Loads what agents last said before this server started. */
  async start(): Promise<void> {
    for (const report of await this.#options.store.reports.all())
      Object.assign(this.#entry(report.environment), {
        report,
        lastSeenAt: report.at,
        failed: new Set(report.workloads.filter((entry) => entry.verdict.state === "failed").map((entry) => entry.id)),
      });
    this.#timer = setInterval(() => void this.#keep(), 1_000);
  }
  /** Keeps what agents said last. Afterwards nothing is written any more: that the server goes says nothing of agents. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#exports.close();
    await this.#keep();
    this.#closed = true;
    await this.#writing;
  }

  onReport(listener: (environment: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  state(environment: string): AgentState {
    const known = this.#known.get(environment);
    return { connected: known?.session !== undefined, lastSeenAt: known?.lastSeenAt, report: known?.report };
  }
  /** The report of an agent that is here now. */
  liveReport(environment: string): EnvironmentReport | undefined {
    const known = this.#known.get(environment);
    return known?.session === undefined ? undefined : known.report;
  }
  /**
   * Wishes that an agent fetches and applies now; nothing happens when it is away, it catches up by itself. For a commit
   * it was woken for already it is not woken again.
   */
  sync(environment: string, commit?: string): void {
    const known = this.#known.get(environment);
    if (known?.session === undefined || (commit !== undefined && known.wokenFor === commit)) return;
    known.wokenFor = commit;
    send(known.session.connection, { type: "sync", environment });
  }
  /**
   * What runs in an environment's namespaces, as YAML of its agent: Namespaces, Services and workloads, never Secrets.
   * Throws `conflict` when the agent is away, cannot send it, or has not within the time.
   */
  async export(environment: string, timeoutMs = exportMs): Promise<string> {
    const session = this.#known.get(environment)?.session;
    if (session === undefined)
      throw new SluiceError("conflict", `the agent of ${environment} is away, so nobody can say what runs there`, {
        help: "Start the agent, then try again.",
      });
    return this.#exports.ask(environment, session, (frame) => send(session.connection, frame), timeoutMs);
  }
  /** Sends health settings again after the configuration changed. */
  welcomeAll(): void {
    for (const session of new Set([...this.#known.values()].map((known) => known.session)))
      if (session !== undefined) this.#welcome(session);
  }

  /** Takes up a connection; answers what to call with its messages and its end. */
  connect(
    connection: Connection,
    token: TokenRecord,
  ): { message: (text: string) => void; closed: () => void; alive: () => void } {
    const session: Session = { connection, token, environments: [] };
    return {
      message: (text) => this.#message(session, text),
      alive: () => {
        for (const name of session.environments) this.#entry(name).lastSeenAt = this.#options.clock.now();
      },
      closed: () => {
        this.#exports.gone(session);
        for (const name of session.environments) this.#leave(session, name);
      },
    };
  }

  #message(session: Session, text: string): void {
    let type = "";
    try {
      const json = JSON.parse(text) as { type?: unknown };
      type = String(json.type);
      const frame = agentFrameSchema.safeParse(json);
      if (frame.success) this.#frame(session, frame.data);
      else send(session.connection, { type: "unsupported", frame: type.slice(0, 50) });
    } catch (error) {
      this.#options.log.warn("a frame of an agent cannot be read", { problem: messageOf(error) });
      send(session.connection, { type: "unsupported", frame: type.slice(0, 50) });
    }
  }

  #frame(session: Session, frame: AgentFrame): void {
    switch (frame.type) {
      case "hello":
        return this.#hello(session, frame.environments);
      case "report":
        this.#take(session, frame.report);
        return;
      case "delta": {
        if (!session.environments.includes(frame.report.environment)) return;
        const before = this.#known.get(frame.report.environment)?.report;
        if (before === undefined || !this.#entry(frame.report.environment).whole)
          return send(session.connection, { type: "resend", environment: frame.report.environment });
        const workloads = new Map(before.workloads.map((entry) => [entry.id, entry]));
        for (const id of frame.gone) workloads.delete(id);
        for (const entry of frame.changed) workloads.set(entry.id, entry);
        return this.#take(session, { ...frame.report, workloads: [...workloads.values()] });
      }
      case "exported":
        return this.#exports.part(session, frame);
      case "refused":
        return this.#exports.refused(session, frame);
      case "unsupported":
        if (frame.frame === "export") this.#exports.unsupported(session);
        this.#options.log.warn("an agent does not know a frame", { frame: frame.frame });
    }
  }

  #hello(session: Session, environments: readonly string[]): void {
    const foreign = environments.find((name) => !session.token.environments.includes(name));
    if (foreign !== undefined) return session.connection.close(4403, `this token may not report for ${foreign}`);
    for (const name of session.environments) if (!environments.includes(name)) this.#leave(session, name);
    session.environments = environments;
    for (const name of environments) {
      const known = this.#entry(name);
      known.lastSeenAt = this.#options.clock.now();
      if (known.session === session) continue;
      const before = known.session;
      known.session = session;
      known.wokenFor = undefined;
      known.whole = false;
      before?.connection.close(4409, "another agent took over this environment");
      if (before === undefined) this.#changed(name, "agent.here", `The agent of ${name} is here`);
      else this.#changed(name, "agent.taken-over", `Another agent took over ${name}`);
    }
    this.#welcome(session);
  }

  #leave(session: Session, name: string): void {
    const known = this.#entry(name);
    if (known.session !== session) return;
    known.session = undefined;
    known.dirty = true;
    void this.#keep();
    this.#changed(name, "agent.away", `The agent of ${name} is away`);
  }

  #welcome(session: Session): void {
    const settings = session.environments.flatMap((environment) => {
      const document = this.#options.environments().get(environment);
      return document === undefined ? [] : [{ environment, ...document.health, images: document.images }];
    });
    send(session.connection, { type: "welcome", protocol: protocolVersion, settings });
  }

  #take(session: Session, report: EnvironmentReport): void {
    if (!session.environments.includes(report.environment)) return;
    const known = this.#entry(report.environment);
    if (known.session !== session) return;
    this.#append(verdictEvents(known, report));
    known.whole = true;
    known.report = report;
    known.lastSeenAt = this.#options.clock.now();
    known.dirty = true;
    for (const listener of this.#listeners) listener(report.environment);
  }

  #entry(environment: string): Known {
    let known = this.#known.get(environment);
    if (known === undefined) {
      known = {
        report: undefined,
        session: undefined,
        lastSeenAt: undefined,
        dirty: false,
        keptAt: 0,
        wokenFor: undefined,
        whole: false,
        failed: new Set(),
      };
      this.#known.set(environment, known);
    }
    return known;
  }

  #changed(environment: string, type: string, text: string): void {
    this.#append([{ type, actor: agentOf(environment), text, environment }]);
    for (const listener of this.#listeners) listener(environment);
  }

  #append(events: readonly NewEvent[]): void {
    if (this.#closed || events.length === 0) return;
    const { store, log } = this.#options;
    this.#writing = this.#writing
      .then(() =>
        store.transaction(async (groups) => {
          for (const event of events) await groups.events.append(event);
        }),
      )
      .catch((error: unknown) => log.error("events of an agent were not kept", { problem: messageOf(error) }));
  }

  /**
   * Reports are kept once a second at most, for agents say them again; what an agent said last is kept as it goes. A
   * quiet agent's sign of life goes along now and then, so that "unknown since" stays true over a restart.
   */
  async #keep(): Promise<void> {
    if (this.#closed) return;
    for (const known of this.#known.values()) {
      const seenLater = (known.lastSeenAt ?? 0) - known.keptAt >= seenKeptEveryMs;
      if (known.report === undefined || !(known.dirty || seenLater)) continue;
      known.dirty = false;
      known.keptAt = known.lastSeenAt ?? known.keptAt;
      await this.#options.store.reports
        .put({ ...known.report, at: known.lastSeenAt ?? known.report.at })
        .catch((error: unknown) => this.#options.log.error("a report was not kept", { problem: messageOf(error) }));
    }
  }
}

function send(connection: Connection, frame: ServerFrame): void {
  connection.send(JSON.stringify(frame));
}
