import { WebSocketServer } from "ws";
import { SluiceError, toSluiceError } from "../../errors.ts";
import { maxFrameBytes } from "../../model/protocol.ts";
import type { Api } from "../app.ts";
import { identify } from "../auth.ts";
import type { ApiContext } from "../context.ts";

const pingMs = 4_000;
const agentPath = "/api/v1/agent";

/** The agents' WebSocket. A connection that answers no ping for three turns is dead. */
export function agentRoutes(app: Api, context: ApiContext): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });
  app.server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    if (request.url?.split("?")[0] !== agentPath) return socket.destroy();
    const token = /^bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    identify(context.store, token, context.clock.now())
      .then((record) => {
        if (record.kind !== "agent") throw new SluiceError("forbidden", "Only an agent's token may connect here.");
        sockets.handleUpgrade(request, socket, head, (ws) => {
          const session = context.hub.connect(
            { send: (text) => ws.send(text), close: (code, reason) => ws.close(code, reason) },
            record,
          );
          let missed = 0;
          const ping = setInterval(() => {
            if (++missed > 3) ws.terminate();
            else ws.ping();
          }, pingMs);
          ws.on("pong", () => {
            missed = 0;
            session.alive();
          });
          ws.on("ping", () => session.alive());
          ws.on("message", (data) => session.message(String(data)));
          ws.on("error", () => ws.terminate());
          ws.on("close", () => {
            clearInterval(ping);
            session.closed();
          });
        });
      })
      .catch((thrown: unknown) => {
        const error = toSluiceError(thrown);
        socket.end(`HTTP/1.1 ${error.status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      });
  });
  app.addHook("preClose", async () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  });
}
