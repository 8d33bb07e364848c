import { afterEach, expect, test } from "vitest";
import type { FluxError } from "../../../src/model/flux.ts";
import { FluxCalls } from "../../support/flux.ts";
import { type Plain, startPlain } from "../../support/plain.ts";

let server: Plain;
afterEach(() => server.stop());

const reads = [
  "/v6/services?namespace=",
  "/v11/services?namespace=&services=",
  "/v6/images?service=%3Call%3E",
  "/v10/images?containerFields=&namespace=&service=%3Call%3E",
  "/v6/jobs?id=x",
  "/v6/sync?ref=x",
  "/v6/export",
  "/v6/identity.pub",
  "/v11/ping",
  "/v11/version",
  "/v5/services",
  "/nothing",
];
const writes = ["/v9/update-manifests", "/v9/git-repo-config", "/v11/notify", "/v6/update-images", "/v6/identity.pub"];

test("without a token every route of Flux's API answers 403 with what to do, for fluxctl hides the help of a 401", async () => {
  server = await startPlain();
  const flux = new FluxCalls(server.url, "dev");
  for (const path of reads)
    expect(await flux.refusal("GET", path), path).toEqual({
      status: 403,
      type: "user",
      error: "This call needs a token.",
      help: expect.stringMatching(/^This call needs a token\.\n\nGive fluxctl one: --token/),
    });
  for (const path of writes) expect((await flux.refusal("POST", path, false)).status, path).toBe(403);
  expect((await flux.refusal("PATCH", "/v6/policies", {})).status).toBe(403);
  expect((await flux.send("HEAD", "/v6/export")).status).toBe(403);
});

test("a person's token opens it in each of the ways fluxctl sends one, an agent's or an unknown one in none", async () => {
  server = await startPlain();
  const status = async (authorization: string, more: Record<string, string> = {}) =>
    (await new FluxCalls(server.url, "dev", { authorization, ...more }).send("GET", "/v11/ping")).status;
  const basic = `Basic ${Buffer.from(`ana:${server.person}`).toString("base64")}`;
  // Past the door there is no such environment here.
  for (const good of [`Scope-Probe token=${server.person}`, `Bearer ${server.person}`, basic])
    expect(await status(good), good).toBe(404);
  for (const bad of [`Scope-Probe token=${server.agent}`, "Scope-Probe token=sluice_p_wrong", "Basic x", ""])
    expect(await status(bad), bad).toBe(403);
});

test("a browser's password does not let another page write", async () => {
  server = await startPlain();
  const authorization = `Basic ${Buffer.from(`ana:${server.person}`).toString("base64")}`;
  const foreign = new FluxCalls(server.url, "dev", { authorization, origin: "http://evil.example" });
  expect(await foreign.refusal("POST", "/v11/notify", { Kind: "git" })).toMatchObject({
    status: 403,
    error: "This call comes from another page.",
  });
});

test("the trial's Flux API answers as loopback and to no other page", async () => {
  server = await startPlain({ trial: { control: "http://127.0.0.1:1" } });
  const status = async (headers: Record<string, string>) =>
    (await new FluxCalls(server.url, "dev", headers).send("GET", "/v11/ping")).status;
  expect(await status({})).toBe(404);
  expect(await status({ host: "rebound.example" })).toBe(403);
  expect(await status({ origin: "http://evil.example" })).toBe(403);
});

test("an unknown environment says which there are, as JSON, as help or as text, as it was asked for", async () => {
  server = await startPlain({ trial: { control: "http://127.0.0.1:1" } });
  const flux = new FluxCalls(server.url, "nowhere");
  const as = (headers: Record<string, string>) =>
    flux.send<FluxError>("GET", "/v6/services?namespace=", undefined, headers);
  const json = await as({ accept: "application/json" });
  expect(json.type).toMatch(/^application\/json/);
  expect(json.json()).toMatchObject({ type: "missing", error: 'There is no environment "nowhere".' });
  const help = await as({ accept: "text/plain" });
  expect(help.type).toMatch(/^text\/plain/);
  expect(help.text).toMatch(/^There is no environment "nowhere"\.\n\nNo environment is configured yet\.\n$/);
  const bare = await as({});
  expect([bare.status, bare.text]).toEqual([404, 'There is no environment "nowhere".']);
});
