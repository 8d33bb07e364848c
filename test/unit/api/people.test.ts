import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { newToken } from "../../../src/api/auth.ts";
import type { SluiceEvent } from "../../../src/model/event.ts";
import type { PolicyChange } from "../../../src/model/policy.ts";
import { systemClock } from "../../../src/model/ports/clock.ts";
import type { PromotionView } from "../../../src/model/views.ts";
import { openSqliteStore } from "../../../src/store/store.ts";
import { FluxCalls } from "../../support/flux.ts";
import { git } from "../../support/repository.ts";
import { until } from "../../support/until.ts";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.stop());

/** A server outside the trial, with one person's token and the token of an agent that is not the environment's. */
async function startWithTokens(): Promise<{ person: string; agent: string }> {
  world = await startWorld({
    environments: ["dev"],
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0"] },
    trial: false,
  });
  const person = newToken("ana", "person", [], Date.now());
  const agent = newToken("other", "agent", ["dev"], Date.now());
  const store = await openSqliteStore(join(world.data, "sluice.db"), systemClock);
  for (const { record } of [person, agent]) await store.tokens.insert(record);
  await store.close();
  return { person: person.token, agent: agent.token };
}
async function call(token: string | undefined, method: string, path: string, body?: object, more = {}) {
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...more,
  };
  const answer = await fetch(`${world.url}/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}
const lock = { target: "dev", updates: [{ workload: "web", add: { locked: "true" } }], message: "audit" };
const calls = [
  ["POST", "/policy-changes", lock],
  ["GET", "/policy-changes", undefined],
  ["GET", "/policy-changes/c-none", undefined],
  ["POST", "/environments/dev/sync", undefined],
  ["GET", "/environments/dev/sync?ref=HEAD", undefined],
  ["GET", "/environments/dev/export", undefined],
] as const;

test("policies, sync and export are for people's tokens, not for agents, strangers or other pages", async () => {
  const { person, agent } = await startWithTokens();
  const before = world.messages();
  for (const [method, path, body] of calls) {
    expect((await call(undefined, method, path, body)).status, `nobody ${method} ${path}`).toBe(401);
    expect((await call("sluice_p_wrong", method, path, body)).status, `a stranger ${method} ${path}`).toBe(401);
    expect((await call(agent, method, path, body)).status, `an agent ${method} ${path}`).toBe(403);
    // A name in a header is for the trial, where nobody has a token.
    const named = await call(undefined, method, path, body, { "x-sluice-user": "ana" });
    expect(named.status, `a name ${method} ${path}`).toBe(401);
  }
  const cookie = { cookie: `sluice_session=${person}`, origin: "http://evil.example" };
  for (const [method, path, body] of calls.filter(([method]) => method === "POST"))
    expect((await call(undefined, method, path, body, cookie)).status, `another page ${path}`).toBe(403);
  expect(world.messages()).toEqual(before);
  expect((await call(person, "GET", "/policy-changes")).text).toBe('{"items":[]}');
});

test("a policy change is recorded for the token's owner, whatever name the call says, with the call it came by", async () => {
  const { person } = await startWithTokens();
  const made = await call(person, "POST", "/policy-changes", lock, { "x-sluice-user": "mallory" });
  expect(made.status).toBe(201);
  const [change] = (JSON.parse(made.text) as { changes: PolicyChange[] }).changes;
  expect(change).toMatchObject({
    environment: "dev",
    by: { name: "ana", kind: "person" },
    state: { end: "succeeded" },
  });
  expect(git(world.bare, "log", "-1", "--format=%an%n%B", "main")).toMatch(/^ana\n.*\baudit\b.*Sluice-Author: ana\n/s);
  expect(world.file("clusters/dev/web.yaml")).toMatch(/locked_user"?: "?ana/);
  const events = JSON.parse((await call(person, "GET", "/events")).text) as { events: SluiceEvent[] };
  expect(events.events.find(({ type }) => type === "policy.accepted")).toMatchObject({
    actor: { name: "ana", kind: "person" },
    environment: "dev",
    request: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), address: "127.0.0.1" },
  });

  // fluxctl's --user cannot be checked, so it is a note beside the name that can.
  const flux = new FluxCalls(world.url, "dev", { authorization: `Scope-Probe token=${person}` });
  const unlock = { "shop:deployment/web": { add: {}, remove: { locked: "true" } } };
  const job = await flux.ended(
    await flux.update("policy", unlock, { Message: "done", User: "Mallory <m@example.org>" }),
  );
  expect(job.StatusString).toBe("succeeded");
  const commit = git(world.bare, "log", "-1", "--format=%an%n%B", job.Result!.revision!);
  expect(commit).toMatch(/^ana\n.*Asked for by Mallory <m@example\.org>, who called as ana.*Sluice-Author: ana\n/s);
});

test("a person's token syncs an environment and exports it, and the answer names the commit", async () => {
  const { person } = await startWithTokens();
  const head = git(world.bare, "rev-parse", "main").trim();
  world.agent.runs = "kind: Deployment\n";
  await until("the agent to be there", async () =>
    (await call(person, "GET", "/environments/dev/export")).text.includes("kind: Deployment"),
  );
  const wished = await call(person, "POST", "/environments/dev/sync");
  expect([wished.status, JSON.parse(wished.text)]).toEqual([200, { commit: head }]);
  expect((await call(person, "GET", `/environments/dev/sync?ref=${head.slice(0, 7)}`)).status).toBe(200);
});

test("every deed of a person about a release says by which call it came: made, taken back, stopped", async () => {
  const { person } = await startWithTokens();
  await world.push("web", "1.1.0");
  const release = { target: "dev", source: "registry", selection: [{ workload: "web", tag: "1.1.0" }] };
  /** Posts until it is accepted; answers the id of what was made. */
  const make = (path: string, body: object) =>
    until(`an answer to ${path}`, async () => {
      const answer = await call(person, "POST", path, body);
      return answer.status === 201 && (JSON.parse(answer.text) as PromotionView).promotion.id;
    });
  const made = await make("/promotions", release);
  await until("its commit", () => world.messages().some((text) => text.includes(`Sluice-Release: ${made}/dev`)));
  const taken = await make(`/promotions/${made}/rollback`, {});
  await until("the way back", () => world.messages().some((text) => text.includes(`Sluice-Release: ${taken}/dev`)));

  // What waits for its review can be stopped.
  const document = world.file("sluice/dev.yaml").replace("commits: {}", 'commits: { branch: "review/{release}" }');
  const head = world.commit({ "sluice/dev.yaml": document }, "Reviews");
  await until("the document in force", async () => (await (await fetch(`${world.url}/readyz`)).text()).includes(head));
  const waiting = await make("/promotions", release);
  await until("the review", async () =>
    (await call(person, "GET", `/promotions/${waiting}`)).text.includes("in review"),
  );
  expect((await call(person, "POST", `/promotions/${waiting}/abort`)).status).toBe(200);

  const { events } = JSON.parse((await call(person, "GET", "/events?limit=500")).text) as { events: SluiceEvent[] };
  for (const [type, promotion] of [
    ["promotion.accepted", made],
    ["promotion.accepted", taken],
    ["release.aborted", waiting],
  ])
    expect(events.find((event) => event.type === type && event.promotion === promotion)).toMatchObject({
      actor: { name: "ana" },
      request: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), address: "127.0.0.1" },
    });
});
