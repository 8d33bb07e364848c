import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SluiceError, toSluiceError } from "../../errors.ts";

const maxBodyBytes = 64 * 1024;

/** What the trial can be asked to do: reads are GET, the rest POST with a JSON body. */
export interface ControlActions {
  state(): Promise<object>;
  act(action: string, body: unknown): Promise<object>;
}

/** The trial's control on loopback, reached by the server's `/api/v1/trial/` calls. */
export async function startControl(
  port: number,
  actions: ControlActions,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    handle(actions, request)
      .then((value) => answer(response, 200, value))
      .catch((thrown: unknown) => {
        const error = toSluiceError(thrown);
        const { code, message, help } = error;
        answer(response, error.status, { error: { code, message, help } });
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(actions: ControlActions, request: IncomingMessage): Promise<object> {
  // A page of another origin cannot make a call with this header unseen, and none is answered that asks first.
  if (request.headers.origin !== undefined) throw new SluiceError("forbidden", "The trial takes no calls from pages.");
  const action = (request.url ?? "/").slice(1).replace(/\?.*$/, "");
  if (request.method === "GET" && action === "state") return actions.state();
  if (request.method !== "POST")
    throw new SluiceError("not_found", `There is nothing at ${request.method} /${action}.`);
  return actions.act(action, await readJson(request));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new SluiceError("too_large", `The call's body is over ${maxBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
  } catch {
    throw new SluiceError("bad_request", "The call's body is not JSON.");
  }
}

function answer(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
