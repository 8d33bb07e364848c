import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type Log, silentLog } from "../model/ports/log.ts";
import { type AgentFrame, agentFrameSchema, exportPartLength, maxFrameBytes } from "../model/protocol.ts";
import type { EnvironmentReport, WorkloadReport } from "../model/report.ts";
import { Link, waitBeforeRetry } from "./link.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server that keeps what agents send; `port` 0 takes a free one. */
async function listen(port = 0) {
  const server = new WebSocketServer({ host: "127.0.0.1", port });
  await once(server, "listening");
  const frames: AgentFrame[] = [];
  const waiting: (() => void)[] = [];
  let socket: WebSocket | undefined;
  server.on("connection", (connection) => {
    socket = connection;
    connection.on("message", (data) => {
      frames.push(agentFrameSchema.parse(JSON.parse(String(data))));
      for (const wake of waiting.splice(0)) wake();
    });
  });
  const close = () =>
    new Promise<void>((done) => {
      socket?.terminate();
      server.close(() => done());
    });
  ends.push(close);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: (server.address() as AddressInfo).port,
    hangUp: (code: number) => socket!.close(code, "another agent took over this environment"),
    send: (frame: object) => socket!.send(JSON.stringify(frame)),
    close,
    /** The next frame that holds, taken out together with those before it. */
    async next(holds: (frame: AgentFrame) => boolean): Promise<AgentFrame> {
      for (;;) {
        const index = frames.findIndex(holds);
        if (index >= 0) return frames.splice(0, index + 1).at(-1)!;
        await new Promise<void>((wake) => waiting.push(wake));
      }
    },
  };
}

function report(...workloads: WorkloadReport[]): EnvironmentReport {
  const git = { repository: "http://git.example/config.git", branch: "main", paths: ["dev"] };
  return { environment: "dev", git, at: 1, objects: 0, problems: [], workloads };
}
function workload(id: string, message = "fine"): WorkloadReport {
  const counters = { desired: 1, updated: 1, ready: 1, available: 1 };
  return { id, verdict: { state: "healthy", message, since: 1, evidence: [], ...counters }, containers: [], drift: [] };
}
function linkTo(
  server: string,
  current: () => EnvironmentReport,
  onSync = (_: string) => {},
  log: Log = silentLog,
  onExport: (environment: string) => Promise<string> = async () => "",
): Link {
  const link = new Link({
    server,
    token: "secret",
    version: "1",
    environments: ["dev"],
    log,
    onSync,
    onSettings: () => {},
    onResend: () => link.report(current()),
    onExport,
  });
  ends.push(() => link.stop());
  link.start();
  return link;
}

test("says hello, then everything, then only what changed", async () => {
  const server = await listen();
  const link = linkTo(server.url, () => report(workload("a"), workload("b")));
  expect(await server.next((frame) => frame.type === "hello")).toMatchObject({ environments: ["dev"] });
  expect(await server.next((frame) => frame.type === "report")).toMatchObject({ report: { workloads: [{}, {}] } });
  link.report(report(workload("b", "changed")));
  const delta = await server.next((frame) => frame.type === "delta");
  expect(delta).toMatchObject({ changed: [{ id: "b" }], gone: ["a"] });
});

test("comes back when the server does, and starts with everything again", async () => {
  const first = await listen();
  let now = report(workload("a"));
  linkTo(first.url, () => now);
  await first.next((frame) => frame.type === "report");
  await first.close();
  now = report(workload("a", "changed while nobody listened"));
  const second = await listen(first.port);
  await second.next((frame) => frame.type === "hello");
  expect(await second.next((frame) => frame.type === "report")).toEqual({ type: "report", report: now });
});

test("a wish it does not know is answered and harms nothing", async () => {
  const server = await listen();
  let synced = "";
  linkTo(
    server.url,
    () => report(),
    (environment) => {
      synced = environment;
    },
  );
  await server.next((frame) => frame.type === "report");
  server.send({ type: "apply-this", manifest: "kind: Pod" });
  expect(await server.next((frame) => frame.type === "unsupported")).toEqual({
    type: "unsupported",
    frame: "apply-this",
  });
  server.send({ type: "sync", environment: "dev" });
  server.send({ type: "resend", environment: "dev" });
  await server.next((frame) => frame.type === "report");
  expect(synced).toBe("dev");
});

test("an agent whose environment another one took over says so and does not take it back at once", async () => {
  const server = await listen();
  const told = new Promise<string>((tell) => {
    linkTo(server.url, () => report(), undefined, { ...silentLog, error: (message) => tell(message) });
  });
  await server.next((frame) => frame.type === "hello");
  server.hangUp(4409);
  expect(await told).toContain("another agent reports for an environment of this one");
  expect(waitBeforeRetry(4409, 0, 0)).toBeGreaterThanOrEqual(30_000);
  expect(waitBeforeRetry(1006, 0, 0)).toBeLessThan(1_000);
});

test("an export goes in parts that fit a frame and are whole together; one that fails is refused with the reason", async () => {
  const server = await listen();
  const text = "\u0001\u{1f600}".repeat(exportPartLength / 2);
  linkTo(
    server.url,
    () => report(),
    undefined,
    silentLog,
    async (environment) => {
      if (environment === "dev") return text;
      throw new Error("Git has not been read yet");
    },
  );
  await server.next((frame) => frame.type === "report");
  server.send({ type: "export", id: "1", environment: "dev" });
  let whole = "";
  for (let part = 0, parts = 1; part < parts; part++) {
    const frame = await server.next((entry) => entry.type === "exported");
    if (frame.type !== "exported") throw new Error(frame.type);
    expect([frame.id, frame.part]).toEqual(["1", part]);
    expect(Buffer.byteLength(JSON.stringify(frame))).toBeLessThan(maxFrameBytes);
    parts = frame.parts;
    whole += frame.text;
  }
  expect(whole === text).toBe(true);
  server.send({ type: "export", id: "2", environment: "elsewhere" });
  expect(await server.next((frame) => frame.type === "refused")).toEqual({
    type: "refused",
    id: "2",
    message: "Git has not been read yet",
  });
});
