import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createGunzip } from "node:zlib";

export interface GitServerOptions {
  /** Folder of bare repositories: `<folder>/shop/config.git`. */
  readonly folder: string;
  readonly port?: number;
  /** Called after each push that moved something, with the repository's path. */
  readonly pushed?: (repository: string) => void;
}

/** Git over smart HTTP on loopback: `git http-backend` behind a small CGI handler. Anybody may clone and push. */
export async function startGitServer(options: GitServerOptions): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => handle(options, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function handle(options: GitServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const [path, query] = readAddress(request.url ?? "/");
  if (path === undefined) {
    response.writeHead(400).end();
    return;
  }
  const child = spawn("git", ["-c", "http.receivepack=true", "-c", "safe.directory=*", "http-backend"], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: options.folder,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_NOSYSTEM: "1",
      REQUEST_METHOD: request.method ?? "GET",
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      REMOTE_USER: "anybody",
      REMOTE_ADDR: "127.0.0.1",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => {});
  child.on("error", () => response.writeHead(500).end("git cannot be started"));
  const packed = request.headers["content-encoding"] === "gzip";
  // A body that is no gzip ends this call, not the server.
  const body = packed ? request.pipe(createGunzip()).on("error", () => child.kill()) : request;
  body.pipe(child.stdin);
  request.on("aborted", () => child.kill());
  let head = Buffer.alloc(0);
  let open = false;
  child.stdout.on("data", (chunk: Buffer) => {
    if (open) return response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    open = true;
    const headers: Record<string, string> = {};
    let status = 200;
    for (const line of head.toString("latin1", 0, end).split("\r\n")) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      if (name === "status") status = Number.parseInt(value, 10);
      else headers[name] = value;
    }
    response.writeHead(status, headers);
    response.write(head.subarray(end + 4));
  });
  child.on("close", () => {
    response.end();
    const push = /^\/(.+)\/git-receive-pack$/.exec(path);
    if (push !== null && request.method === "POST") options.pushed?.(push[1]!);
  });
}

/** Path and query of a request; no path where it is none, or leads out of the folder. */
function readAddress(address: string): [path: string | undefined, query: string] {
  const mark = address.indexOf("?");
  const query = mark < 0 ? "" : address.slice(mark + 1);
  try {
    const path = decodeURIComponent(mark < 0 ? address : address.slice(0, mark));
    return [path.startsWith("/") && !path.split("/").includes("..") && !path.includes("\0") ? path : undefined, query];
  } catch {
    return [undefined, query];
  }
}
