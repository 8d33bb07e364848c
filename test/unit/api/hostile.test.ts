import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({
    environments: ["dev"],
    stages: "[{ name: first, environments: [dev], from: [{ registry: {} }] }]",
    workloads: { web: { web: "1.0.0" } },
    images: { web: ["1.0.0", "1.1.0"] },
  });
});
afterAll(() => world.stop());

const long = "x".repeat(100_000);
const web = "shop:deployment/web";
/** What may stand anywhere in a body. */
const values = [null, true, -1, 1e308, "", long, "../..", "a b", "\u0000", "<all>", ":::", "__proto__", [], {}, [[]]];
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const texts = ["", "{", "null", '"x"', nested(50_000), '{"__proto__":{"a":1}}', `"${long.repeat(20)}"`];

const flux = "/api/flux/dev";
/** Calls that change something, each with a body that is right but for what is put in its place. */
const writes: readonly (readonly [method: string, path: string, body: (value: unknown) => unknown])[] = [
  ["POST", "/api/v1/plans", (value) => ({ target: value })],
  ["POST", "/api/v1/plans", (value) => ({ target: "dev", source: value })],
  ["POST", "/api/v1/plans", (value) => ({ target: "dev", selection: [{ workload: value, tag: value }] })],
  ["POST", "/api/v1/plans", (value) => ({ target: "dev", selection: [{ workload: "web", tag: value }] })],
  ["POST", "/api/v1/plans", (value) => ({ target: "dev", image: value, exclude: value })],
  ["POST", "/api/v1/promotions", (value) => ({ target: "dev", message: value, selection: value })],
  ["POST", "/api/v1/policy-changes", (value) => ({ target: "dev", updates: value })],
  [
    "POST",
    "/api/v1/policy-changes",
    (value) => ({ target: "dev", updates: [{ workload: value, add: { locked: "x" } }] }),
  ],
  ["POST", "/api/v1/promotions/r-none/rollback", (value) => ({ message: value })],
  ["POST", "/api/v1/promotions/r-none/abort", (value) => value],
  ["POST", "/api/v1/environments/dev/prune", (value) => ({ hash: value })],
  ["POST", "/api/v1/environments/nowhere/sync", (value) => value],
  ["POST", "/api/v1/session", (value) => ({ token: value })],
  ["POST", "/api/v1/hooks/registry", (value) => ({ events: value })],
  ["POST", `${flux}/v9/update-manifests`, (value) => value],
  ["POST", `${flux}/v9/update-manifests`, (value) => ({ type: "image", spec: value })],
  ["POST", `${flux}/v9/update-manifests`, (value) => image({ ServiceSpecs: value })],
  ["POST", `${flux}/v9/update-manifests`, (value) => image({ ServiceSpecs: [value] })],
  ["POST", `${flux}/v9/update-manifests`, (value) => image({ ImageSpec: value })],
  ["POST", `${flux}/v9/update-manifests`, (value) => image({ Excludes: [value], Force: true })],
  ["POST", `${flux}/v9/update-manifests`, (value) => containers({ [web]: [{ Container: "web", Target: value }] })],
  ["POST", `${flux}/v9/update-manifests`, (value) => containers(value)],
  ["POST", `${flux}/v9/update-manifests`, (value) => ({ type: "policy", spec: { [web]: value } })],
  ["POST", `${flux}/v9/update-manifests`, (value) => ({ type: "policy", spec: { [String(value)]: {} } })],
  ["POST", `${flux}/v9/update-manifests`, (value) => ({ type: "sync", cause: value })],
  ["POST", `${flux}/v9/git-repo-config`, (value) => value],
  ["POST", `${flux}/v11/notify`, (value) => ({ Kind: "image", Source: { Name: value } })],
  ["PATCH", `${flux}/v6/policies`, (value) => ({ [web]: { add: value } })],
];
function image(more: object): object {
  const spec = { ServiceSpecs: [web], ImageSpec: "<all latest>", Kind: "plan", Excludes: null, Force: false, ...more };
  return { type: "image", cause: null, spec };
}
function containers(value: unknown): object {
  return { type: "containers", spec: { Kind: "execute", ContainerSpecs: value } };
}

const odd = ["", "x", "%00", "..%2f..", "--all", "%F0%9F%92%A9", "a".repeat(300), "__proto__"];
const reads = (text: string) => [
  `/api/v1/promotions/${text}`,
  `/api/v1/policy-changes/${text}`,
  `/api/v1/promotions?before=${text}&limit=${text}`,
  `/api/v1/events?before=${text}&workload=${text}`,
  `/api/v1/images?workload=${text}&limit=${text}`,
  `/api/v1/why?place=${text}&workload=${text}`,
  `/api/v1/environments/dev/sync?ref=${text}`,
  `/api/v1/environments/${text}/export`,
  `${flux}/v6/services?namespace=${text}&services=${text}`,
  `${flux}/v10/images?service=${text}&containerFields=${text}`,
  `${flux}/v6/jobs?id=${text}`,
  `${flux}/v6/sync?ref=${text}`,
  `/api/flux/${text}/v6/services`,
];

async function answerOf(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
  const headers = { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const answer = await fetch(`${world.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: answer.status, text: await answer.text() };
}

test("whatever a body holds, it is taken or refused as the caller's fault in a short answer, and nothing is written", async () => {
  const before = world.messages();
  const bodies = writes.flatMap(([method, path, make]) =>
    [...values.map((value) => JSON.stringify(make(value)) ?? ""), ...texts].map((body) => ({ method, path, body })),
  );
  for (const { method, path, body } of bodies) {
    const { status, text } = await answerOf(method, path, body);
    const what = `${method} ${path} ${body.slice(0, 120)}: ${text.slice(0, 200)}`;
    expect(status, what).toBeLessThan(500);
    if (status >= 400) expect(text.length, what).toBeLessThan(5_000);
  }
  expect(world.messages()).toEqual(before);
}, 60_000);

test("whatever an address holds, nobody is told that the server is at fault", async () => {
  for (const path of odd.flatMap(reads)) {
    const { status, text } = await answerOf("GET", path);
    // An agent that cannot export says so.
    if (status === 501 || status === 503) continue;
    expect(status, `${path}: ${text.slice(0, 200)}`).toBeLessThan(500);
  }
}, 60_000);
