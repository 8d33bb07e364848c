import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Starters } from "../cli/starters.ts";
import { version } from "./version.ts";

/** How the command line starts things. Everything heavy is loaded when it is asked for, so that the rest stays quick. */
export const starters: Starters = {
  version,
  async startServer(options) {
    const [{ startServer }, { createLog }] = await Promise.all([import("./server.ts"), import("./log.ts")]);
    return startServer({ ...options, log: createLog("server") });
  },
  async startAgent(options) {
    const [{ startAgent }, { createLog }] = await Promise.all([import("./agent.ts"), import("./log.ts")]);
    return startAgent({ ...options, log: createLog("agent") });
  },
  async startDemo(options) {
    const { startDemo } = await import("./demo.ts");
    return startDemo(options);
  },
  async openStore(data) {
    const [{ openSqliteStore }, { systemClock }] = await Promise.all([
      import("../store/store.ts"),
      import("../model/ports/clock.ts"),
    ]);
    if (!existsSync(data)) mkdirSync(data, { recursive: true });
    return openSqliteStore(join(data, "sluice.db"), systemClock);
  },
  async newToken(name, kind, environments) {
    const { newToken } = await import("../api/auth.ts");
    return newToken(name, kind, environments, Date.now());
  },
};
