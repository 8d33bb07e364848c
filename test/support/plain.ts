import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { newToken } from "../../src/api/auth.ts";
import { type ServerOptions, startServer } from "../../src/main/server.ts";
import { systemClock } from "../../src/model/ports/clock.ts";
import { silentLog } from "../../src/model/ports/log.ts";
import type { Store } from "../../src/model/ports/store.ts";
import { openSqliteStore } from "../../src/store/store.ts";
import { temporaryFolder } from "./repository.ts";

/** A server outside the trial with no environments, one person's token and one agent's; its store can be written to. */
export async function startPlain(options: Partial<ServerOptions> = {}) {
  const folder = temporaryFolder();
  const data = join(folder.path, "data");
  const documents = join(folder.path, "documents");
  mkdirSync(documents);
  mkdirSync(data);
  const store: Store = await openSqliteStore(join(data, "sluice.db"), systemClock);
  const person = newToken("ana", "person", [], Date.now());
  const agent = newToken("dev", "agent", ["dev"], Date.now());
  await store.tokens.insert(person.record);
  await store.tokens.insert(agent.record);
  const server = await startServer({
    data,
    host: "127.0.0.1",
    port: 0,
    configuration: { kind: "folder", folder: documents },
    gitPoll: 3_600_000,
    log: silentLog,
    ...options,
  }).catch(async (error: unknown) => {
    await store.close();
    folder.remove();
    throw error;
  });
  if (options.configuration === undefined) await server.ready;
  return {
    url: server.url,
    store,
    person: person.token,
    agent: agent.token,
    call: (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
      fetch(`${server.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) }),
    async stop() {
      await server.stop();
      await store.close();
      folder.remove();
    },
  };
}
export type Plain = Awaited<ReturnType<typeof startPlain>>;
