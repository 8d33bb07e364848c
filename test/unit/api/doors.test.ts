import { globSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Plain, startPlain } from "../../support/plain.ts";

let server: Plain;
afterEach(() => server.stop());

type Route = { readonly method: string; readonly path: string };
/** Every route that the OpenAPI document lists, with something in place of its parameters. */
async function routes(): Promise<Route[]> {
  const { paths } = (await (await server.call("GET", "/api/v1/openapi.json")).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, "x") })),
  );
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const json = { "content-type": "application/json" };
/** A call whose path and headers are sent exactly as they are written. */
async function raw(path: string, headers: Record<string, string>): Promise<number> {
  return (await rawText(path, headers)).status;
}
function rawText(path: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    request({ hostname, port, path, headers }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode!, text }));
    })
      .on("error", reject)
      .end();
  });
}

test("without a token every route answers 401, but health, signing in and out, and notifications", async () => {
  server = await startPlain({ hookSecret: "s3cret" });
  const open = new Set<string>();
  for (const { method, path } of await routes()) {
    const answer = await server.call(method, path, method === "POST" ? json : {}, method === "POST" ? "{}" : undefined);
    if (answer.status !== 401) open.add(`${method} ${path} ${answer.status}`);
    await answer.body?.cancel();
  }
  expect([...open].sort()).toEqual(["DELETE /api/v1/session 200", "POST /api/v1/session 400"]);
  expect((await server.call("GET", "/healthz")).status).toBe(200);
  expect((await server.call("GET", "/readyz")).status).toBe(200);
});

test("the document lists every route that the sources name", async () => {
  server = await startPlain();
  const listed = new Set((await routes()).map(({ path }) => path));
  const root = join(import.meta.dirname, "../../../src/api");
  const named = globSync("routes/*.ts", { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/"(\/api\/v1\/[^"]*)"/g)].map((match) => match[1]!),
  );
  expect(named.length).toBeGreaterThan(15);
  // No route of the document: the agents' WebSocket, and the trial's panel outside the trial.
  const missing = named.filter((path) => !listed.has(path.replaceAll(/:\w+/g, "x")));
  expect(missing.sort()).toEqual(["/api/v1/agent", "/api/v1/trial/:action"]);
});

test("another way to write an address opens no other door", async () => {
  server = await startPlain();
  for (const path of [
    "/%61pi/v1/matrix",
    "/api%2Fv1/matrix",
    "//api/v1/matrix",
    "/api/v1/./matrix",
    "/API/v1/matrix",
    "http://x/api/v1/matrix",
  ]) {
    const { status, text } = await rawText(path, {});
    // What is no address of the API may be answered with the page, which is public.
    expect(status === 200 ? text : "").not.toContain('"environments"');
  }
});

test("an agent's token opens nothing but the agents' connection, and an unknown one nothing", async () => {
  server = await startPlain();
  expect((await server.call("GET", "/api/v1/matrix", bearer(server.agent))).status).toBe(403);
  expect((await server.call("POST", "/api/v1/session", json, JSON.stringify({ token: server.agent }))).status).toBe(
    403,
  );
  expect((await server.call("GET", "/api/v1/matrix", bearer("sluice_p_wrong"))).status).toBe(401);
  expect((await server.call("GET", "/api/v1/matrix", bearer(server.person))).status).toBe(200);
});

test("a token typed into the page becomes a cookie that scripts cannot read and other pages cannot use", async () => {
  server = await startPlain();
  const signedIn = await server.call("POST", "/api/v1/session", json, JSON.stringify({ token: server.person }));
  const set = signedIn.headers.get("set-cookie")!;
  expect(set).toMatch(/HttpOnly/);
  expect(set).toMatch(/SameSite=Strict/);
  const cookie = set.split(";")[0]!;
  const info = (await (await server.call("GET", "/api/v1/info", { cookie })).json()) as { actor: string };
  expect(info.actor).toBe("ana");
  const plan = JSON.stringify({ target: "nowhere" });
  const own = { ...json, cookie, origin: server.url };
  expect((await server.call("POST", "/api/v1/plans", own, plan)).status).toBe(404);
  const foreign = { ...json, cookie, origin: "http://evil.example" };
  expect((await server.call("POST", "/api/v1/plans", foreign, plan)).status).toBe(403);
  const login = { ...json, origin: "http://evil.example" };
  expect((await server.call("POST", "/api/v1/session", login, JSON.stringify({ token: server.person }))).status).toBe(
    403,
  );
  expect((await server.call("DELETE", "/api/v1/session", { cookie })).headers.get("set-cookie")).toMatch(
    /sluice_session=;/,
  );
});

test("the trial needs no token, but answers as loopback and to its own page only", async () => {
  server = await startPlain({ trial: { control: "http://127.0.0.1:1" } });
  const { host } = new URL(server.url);
  expect(await raw("/api/v1/matrix", { host })).toBe(200);
  expect(await raw("/api/v1/matrix", { host: "rebound.example" })).toBe(403);
  expect(await raw("/%61pi/v1/matrix", { host: "rebound.example" })).toBe(403);
  expect(await raw("/api/v1/matrix", { host, origin: "http://evil.example" })).toBe(403);
  expect(await raw("/api/v1/matrix", { host, origin: "null" })).toBe(403);
  expect(await raw("/api/v1/matrix", { host, origin: server.url })).toBe(200);
});

test("an error says what is wrong, what to do, and which request it was", async () => {
  server = await startPlain();
  const bad = await server.call("POST", "/api/v1/promotions", { ...json, ...bearer(server.person) }, '{"target":5}');
  expect(bad.status).toBe(400);
  const body = (await bad.json()) as { error: { code: string; message: string; help: string }; request: string };
  expect(body.error).toMatchObject({ code: "bad_request", message: expect.stringContaining("target") });
  expect(body.error.help).not.toBe("");
  expect(body.request).toMatch(/^[0-9a-f-]{36}$/);
  const large = await server.call(
    "POST",
    "/api/v1/promotions",
    { ...json, ...bearer(server.person) },
    `"${"x".repeat(2_000_000)}"`,
  );
  expect(large.status).toBe(413);
  const none = await server.call("GET", "/api/v1/nothing", bearer(server.person));
  expect(((await none.json()) as { error: { code: string } }).error.code).toBe("not_found");
});

test("a notification needs the secret, in a header or in the address", async () => {
  server = await startPlain({ hookSecret: "s3cret" });
  const body = '{"events":[]}';
  const hook = (headers: Record<string, string>, query = "") =>
    server
      .call("POST", `/api/v1/hooks/registry${query}`, { ...json, ...headers }, body)
      .then((answer) => answer.status);
  expect(await hook({})).toBe(401);
  expect(await hook({ authorization: "Bearer wrong" })).toBe(401);
  expect(await hook({ authorization: "Bearer s3cret" })).toBe(200);
  expect(await hook({}, "?secret=s3cret")).toBe(200);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  expect((await server.call("POST", "/api/v1/hooks/git?secret=s3cret", form, "payload=x")).status).toBe(200);
  expect((await server.call("POST", "/api/v1/hooks/git?secret=wrong", form, "payload=x")).status).toBe(401);
});

test("a server that others can reach takes no notification without a secret of its own", async () => {
  server = await startPlain({ host: "0.0.0.0" });
  const local = server.url.replace("0.0.0.0", "127.0.0.1");
  const answer = await fetch(`${local}/api/v1/hooks/git`, { method: "POST" });
  expect(answer.status).toBe(401);
  expect(((await answer.json()) as { error: { help: string } }).error.help).toContain("--hook-secret-file");
});

test("nothing listens beyond loopback without a token, and the trial never does", async () => {
  server = await startPlain();
  const { startServer } = await import("../../../src/main/server.ts");
  const { silentLog } = await import("../../../src/model/ports/log.ts");
  const { temporaryFolder } = await import("../../support/repository.ts");
  const folder = temporaryFolder();
  const options = {
    data: folder.path,
    host: "0.0.0.0",
    port: 0,
    configuration: { kind: "folder", folder: folder.path },
    gitPoll: 1_000,
    log: silentLog,
  } as const;
  await expect(startServer(options)).rejects.toThrow("There is no token yet, so nothing may listen on 0.0.0.0.");
  await expect(startServer({ ...options, trial: { control: "" } })).rejects.toThrow(
    "The trial listens on loopback only.",
  );
  folder.remove();
});
