import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { maxFrameBytes } from "../../../src/model/protocol.ts";
import { type Plain, startPlain } from "../../support/plain.ts";

let server: Plain;
beforeAll(async () => {
  server = await startPlain();
});
afterAll(() => server.stop());

function open(token: string): WebSocket {
  return new WebSocket(`${server.url.replace("http", "ws")}/api/v1/agent`, {
    headers: { authorization: `Bearer ${token}` },
  });
}

test("only an agent's token opens the agents' connection", async () => {
  for (const [token, status] of [
    ["wrong", 401],
    [server.person, 403],
  ] as const) {
    const [, answer] = (await once(open(token), "unexpected-response")) as [unknown, { statusCode: number }];
    expect(answer.statusCode).toBe(status);
  }
  const socket = open(server.agent);
  await once(socket, "open");
  socket.close();
  await once(socket, "close");
});

test("a frame that is too large ends the connection, and the server goes on", async () => {
  const socket = open(server.agent);
  await once(socket, "open");
  socket.send("x".repeat(maxFrameBytes + 1));
  const [code] = (await once(socket, "close")) as [number];
  expect(code).toBe(1009);
  expect((await server.call("GET", "/healthz")).status).toBe(200);
});

test("an upgrade to a strange address, or one that breaks off, ends that connection only", async () => {
  const { hostname, port } = new URL(server.url);
  for (const path of ["//", "/api/v1/other", "http://[", "/api/v1/agent"]) {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`);
    socket.resume();
    await once(socket, "close");
  }
  expect((await server.call("GET", "/healthz")).status).toBe(200);
});
