import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Key } from "../../../src/cli/picker/picker.ts";
import { runCli } from "../../../src/cli/run.ts";
import type { FluxJob } from "../../../src/model/flux.ts";
import { makeSurroundings } from "../../support/surroundings.ts";

/** One call that came, its body as JSON. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly user?: string;
}
/** What to answer: JSON, text that begins as YAML does, or what `refused` made. */
export type Answer = (call: Call) => unknown;
type Answers = Readonly<Record<string, Answer>>;
export const refused = (status: number, body: unknown) => ({ status, refused: body });
const missing = { type: "missing", error: "API endpoint not found", help: "API endpoint not found\n\nLook again.\n" };

/** A server whose answers a test writes down, by method and path. What nobody wrote down is a 404 in Flux's form. */
export async function startFluxServer(answers: Answers) {
  const calls: Call[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await readCall(request);
    calls.push(call);
    const given = answers[`${call.method} ${call.path}`]?.(call) ?? refused(404, missing);
    const { status, refused: problem } = given as Partial<ReturnType<typeof refused>>;
    response.writeHead(problem === undefined ? 200 : (status ?? 500), { "content-type": "application/json" });
    response.end(typeof given === "string" && given.startsWith("---") ? given : JSON.stringify(problem ?? given));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const url = new URL(request.url ?? "/", "http://localhost");
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  const user = request.headers["x-sluice-user"];
  return {
    method: request.method ?? "GET",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    ...(text === "" ? {} : { body: JSON.parse(text) }),
    ...(typeof user === "string" ? { user } : {}),
  };
}

export const base = "/api/flux/dev";
export const commit = "9c1d0f2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
export const catalogue = "shop:deployment/catalogue";
export const environment = { name: "dev", agent: { connected: true }, problems: [], attempted: { commit, at: 1 } };
export const matrix = { environments: [environment], rows: [], problems: [] };
export const update = { Container: "catalogue", Current: "r.io/shop/catalogue:1", Target: "r.io/shop/catalogue:2" };
const moved = { [catalogue]: { Status: "success", PerContainer: [update] } } as const;

/** A job that moved the catalogue, unless `more` says otherwise. */
export function done(more: Partial<FluxJob> = {}): FluxJob {
  return { Result: { revision: commit, result: moved }, Err: "", StatusString: "succeeded", ...more };
}
export function promotion(state: string): object {
  const why = state === "succeeded" ? {} : { why: { text: "orders cannot pull", evidence: [] } };
  return { promotion: { id: "r-7f3k", state, createdAt: 0 }, releases: [], ...why };
}
/** A server on which a release goes well. */
const usual: Answers = {
  [`POST ${base}/v9/update-manifests`]: () => "r-7f3k",
  [`GET ${base}/v6/jobs`]: () => done(),
  "GET /api/v1/matrix": () => matrix,
  "GET /api/v1/promotions/r-7f3k": () => promotion("succeeded"),
  "GET /api/v1/policy-changes/r-7f3k": () => ({
    id: "r-7f3k",
    environment: "dev",
    state: { end: "succeeded", commit },
  }),
  "GET /api/v1/environments/dev/sync": () => ({ pending: [], tried: true, problems: [], connected: true }),
};

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly calls: readonly Call[];
}
/** Runs one command line against such a server; with `keys` a person sits at the terminal. */
export async function runAgainst(
  answers: Answers,
  args: string,
  { keys, env = {} }: { readonly keys?: readonly Key[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const server = await startFluxServer({ ...usual, ...answers });
  const surroundings = makeSurroundings({
    env: { SLUICE_SERVER: server.url, SLUICE_USER: "Ada <ada@example.org>", ...env },
    ...(keys === undefined ? {} : { interactive: true, keys: () => keysOf(keys) }),
  });
  const code = await runCli(args.split(" "), surroundings);
  return { code, out: surroundings.stdout(), err: surroundings.stderr(), calls: server.calls };
}
async function* keysOf(keys: readonly Key[]): AsyncGenerator<Key> {
  yield* keys;
}
/** What was asked for by POST, in order. */
export function posted({ calls }: Ran): unknown[] {
  return calls.filter(({ method }) => method === "POST").map(({ body }) => body);
}
