import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A host that takes connections and never says a word. */
export async function startSilentHost(): Promise<{ url: string; asked: Promise<void>; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let tell = () => {};
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => tell());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
