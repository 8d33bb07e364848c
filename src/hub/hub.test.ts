import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/repository.ts";
import { silentLog } from "../model/ports/log.ts";
import type { Store, TokenRecord } from "../model/ports/store.ts";
import type { AgentFrame, ServerFrame } from "../model/protocol.ts";
import type { EnvironmentReport } from "../model/report.ts";
import type { VerdictState } from "../model/verdict.ts";
import { openSqliteStore } from "../store/store.ts";
import { Hub } from "./hub.ts";

let folder: ReturnType<typeof temporaryFolder>;
let store: Store;
let hub: Hub;
let now = 1_000;
const clock = { now: () => now, random: () => 0.5 };
beforeEach(async () => {
  now = 1_000;
  folder = temporaryFolder();
  store = await openSqliteStore(`${folder.path}/sluice.db`, clock);
  hub = await startHub();
});
afterEach(async () => {
  await hub.close();
  await store.close();
  folder.remove();
});
async function startHub(): Promise<Hub> {
  const started = new Hub({ store, clock, log: silentLog, environments: () => new Map() });
  await started.start();
  return started;
}

const token: TokenRecord = {
  id: "1",
  name: "dev",
  kind: "agent",
  environments: ["dev", "test"],
  hash: "",
  createdAt: 0,
};
function connect(environments: readonly string[] = ["dev"]) {
  const frames: ServerFrame[] = [];
  const closes: number[] = [];
  const session = hub.connect(
    { send: (text) => frames.push(JSON.parse(text) as ServerFrame), close: (code) => closes.push(code) },
    token,
  );
  const send = (frame: AgentFrame) => session.message(JSON.stringify(frame));
  send({ type: "hello", protocol: 1, version: "1", environments: [...environments] });
  return { frames, closes, send, ...session };
}
function report(state: VerdictState, drift = 0, environment = "dev"): EnvironmentReport {
  return {
    environment,
    git: { repository: "r", branch: "main", paths: ["."] },
    at: now,
    objects: 1,
    problems: [],
    workloads: [
      {
        id: "shop:deployment/web",
        verdict: { state, message: state, since: now, desired: 1, updated: 1, ready: 1, available: 1, evidence: [] },
        containers: [],
        drift: Array.from({ length: drift }, () => ({ field: "spec.replicas", git: "1", live: "2" })),
      },
    ],
  };
}
const full = (state: VerdictState, drift = 0): AgentFrame => ({ type: "report", report: report(state, drift) });
async function types(): Promise<string[]> {
  await hub.close();
  hub = await startHub();
  return (await store.events.after(0, 100)).map((event) => event.type);
}

test("an environment whose agent went is not live any more, and says since when", () => {
  const agent = connect();
  agent.send(full("healthy"));
  expect(hub.liveReport("dev")?.workloads).toHaveLength(1);
  now = 2_000;
  agent.alive();
  now = 9_000;
  agent.closed();
  expect(hub.liveReport("dev")).toBeUndefined();
  expect(hub.state("dev")).toMatchObject({ connected: false, lastSeenAt: 2_000, report: { objects: 1 } });
  expect(hub.state("nowhere")).toEqual({ connected: false, lastSeenAt: undefined, report: undefined });
});

test("what agents last said is known after a restart, but is not live before they come back", async () => {
  connect().send(full("healthy"));
  await hub.close();
  hub = await startHub();
  expect(hub.liveReport("dev")).toBeUndefined();
  expect(hub.state("dev").report?.workloads).toHaveLength(1);
});

test("a change of verdict or drift is told once, however often it is reported", async () => {
  const agent = connect();
  for (const [state, drift] of [
    ["healthy", 0],
    ["failed", 0],
    ["failed", 0],
    ["rolling out", 0],
    ["failed", 0],
    ["rolling out", 0],
    ["healthy", 0],
    ["healthy", 2],
    ["healthy", 1],
    ["healthy", 0],
    ["healthy", 0],
  ] as const)
    agent.send(full(state, drift));
  expect(await types()).toEqual([
    "agent.here",
    "workload.failed",
    "workload.healthy",
    "workload.drifted",
    "workload.mended",
  ]);
});

test("a failure told before a restart is not told again by the same report after it", async () => {
  connect().send(full("failed"));
  await types();
  connect().send(full("failed"));
  expect((await types()).filter((type) => type === "workload.failed")).toHaveLength(1);
});

test("an agent that names an environment its token does not name is sent away", () => {
  const agent = connect(["dev", "prod"]);
  expect(agent.closes).toEqual([4403]);
  expect(hub.state("dev").connected).toBe(false);
});

test("reports for environments an agent did not announce are not taken", () => {
  const agent = connect(["dev"]);
  agent.send({ type: "report", report: report("healthy", 0, "test") });
  agent.send({ type: "delta", report: report("healthy", 0, "test"), changed: [], gone: [] });
  expect(hub.state("test").report).toBeUndefined();
  expect(agent.frames.map((frame) => frame.type)).toEqual(["welcome"]);
});

test("the newest of two agents has the environment, and the older one's end changes nothing", async () => {
  const older = connect();
  older.send(full("failed"));
  const newer = connect();
  expect(older.closes).toEqual([4409]);
  older.send(full("healthy"));
  older.closed();
  expect(hub.state("dev").connected).toBe(true);
  newer.send(full("failed"));
  expect(hub.liveReport("dev")?.workloads[0]?.verdict.state).toBe("failed");
  expect(await types()).toEqual(["agent.here", "workload.failed", "agent.taken-over"]);
});

test("a delta is put on the whole report of the same connection; without one it is asked for", () => {
  const { workloads, ...rest } = report("healthy");
  const first = connect();
  first.send(full("healthy"));
  first.send({
    type: "delta",
    report: { ...rest, objects: 7 },
    changed: [{ ...workloads[0]!, id: "shop:deployment/api" }],
    gone: [],
  });
  expect(hub.liveReport("dev")?.workloads.map((entry) => entry.id)).toEqual([
    "shop:deployment/web",
    "shop:deployment/api",
  ]);
  first.send({ type: "delta", report: rest, changed: [], gone: ["shop:deployment/web"] });
  expect(hub.liveReport("dev")?.workloads.map((entry) => entry.id)).toEqual(["shop:deployment/api"]);
  first.closed();
  const second = connect();
  second.send({ type: "delta", report: rest, changed: [], gone: [] });
  expect(second.frames).toContainEqual({ type: "resend", environment: "dev" });
});

test("frames that are unknown or no JSON are answered, and the connection goes on", () => {
  const agent = connect();
  agent.message('{"type":"from the future"}');
  agent.message("not JSON");
  agent.message('{"type":"report"}');
  expect(agent.frames.slice(1)).toEqual([
    { type: "unsupported", frame: "from the future" },
    { type: "unsupported", frame: "" },
    { type: "unsupported", frame: "report" },
  ]);
  agent.send(full("healthy"));
  expect(hub.liveReport("dev")).toBeDefined();
});

test("after it was closed the hub writes nothing, whatever connections still do", async () => {
  const agent = connect();
  await hub.close();
  const last = await store.events.last();
  agent.send(full("failed"));
  agent.closed();
  await hub.close();
  expect(await store.events.last()).toBe(last);
});

/** The id of the export an agent was asked for last. */
function asked(frames: readonly ServerFrame[]): string {
  const frame = frames.findLast((entry) => entry.type === "export");
  if (frame?.type !== "export") throw new Error("no export was asked for");
  return frame.id;
}

test("an export is whole after its last part, and one question serves all who ask meanwhile", async () => {
  const agent = connect();
  const both = [hub.export("dev"), hub.export("dev")];
  const id = asked(agent.frames);
  expect(agent.frames.filter((frame) => frame.type === "export")).toHaveLength(1);
  agent.send({ type: "exported", id, part: 0, parts: 2, text: "kind: " });
  agent.send({ type: "exported", id, part: 1, parts: 2, text: "Service" });
  expect(await Promise.all(both)).toEqual(["kind: Service", "kind: Service"]);
  agent.send({ type: "exported", id, part: 0, parts: 1, text: "too late" });
  const again = hub.export("dev");
  agent.send({ type: "exported", id: asked(agent.frames), part: 0, parts: 1, text: "" });
  expect(await again).toBe("");
});

test("an export ends with a reason when the agent is away, refuses, knows no such wish, goes, or sends nonsense", async () => {
  await expect(hub.export("dev")).rejects.toThrow("the agent of dev is away");
  const agent = connect();
  const refused = hub.export("dev");
  agent.send({ type: "refused", id: asked(agent.frames), message: "Git was not read yet" });
  await expect(refused).rejects.toThrow("cannot send what runs there: Git was not read yet");
  const old = hub.export("dev");
  agent.send({ type: "unsupported", frame: "export" });
  await expect(old).rejects.toThrow("too old");
  const disorder = hub.export("dev");
  agent.send({ type: "exported", id: asked(agent.frames), part: 1, parts: 2, text: "" });
  await expect(disorder).rejects.toThrow("out of order");
  const silent = hub.export("dev", 1);
  await expect(silent).rejects.toThrow("has not sent what runs there within");
  const left = hub.export("dev");
  agent.closed();
  await expect(left).rejects.toThrow("went away");
});

test("parts are taken only from the agent that was asked", async () => {
  const agent = connect(["dev"]);
  const other = connect(["test"]);
  const whole = hub.export("dev");
  const id = asked(agent.frames);
  other.send({ type: "exported", id, part: 0, parts: 1, text: "forged" });
  agent.send({ type: "exported", id, part: 0, parts: 1, text: "true" });
  expect(await whole).toBe("true");
});

test("a server that stops leaves nobody waiting for an export", async () => {
  connect();
  const whole = hub.export("dev");
  await Promise.all([expect(whole).rejects.toThrow("The server is stopping."), hub.close()]);
});
