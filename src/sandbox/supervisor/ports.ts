import { createServer, type Server } from "node:net";

/**
 * A port of loopback for each name: the one wished for where it is free, else a free one. Ports of earlier runs are
 * wished for, so that addresses people noted stay right.
 */
export async function choosePorts<Name extends string>(
  names: readonly Name[],
  wished: Readonly<Partial<Record<Name, number>>>,
): Promise<Record<Name, number>> {
  const held: Server[] = [];
  const chosen = {} as Record<Name, number>;
  try {
    for (const name of names) {
      const wish = wished[name] ?? 0;
      const server = (await hold(wish)) ?? (await hold(0))!;
      held.push(server);
      chosen[name] = (server.address() as { port: number }).port;
    }
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
  return chosen;
}

/** Whether somebody listens on a port of loopback already. */
export async function isTaken(port: number): Promise<boolean> {
  const server = await hold(port);
  if (server === undefined) return true;
  await new Promise((resolve) => server.close(resolve));
  return false;
}

function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
