import { existsSync, writeFileSync } from "node:fs";
import { createLog } from "../../src/main/log.ts";
import { startServer } from "../../src/main/server.ts";
import type { ConfigurationSource } from "../../src/repositories/configuration.ts";

/**
 * A server in a process of its own that kills itself (SIGKILL, nothing is tidied up) when it reaches a point for the
 * first time. `once` is the file that remembers that it did. Prints its address.
 */
const options = JSON.parse(process.argv[2] ?? "{}") as {
  data: string;
  port: number;
  configuration: ConfigurationSource;
  at: string;
  once: string;
};
const server = await startServer({
  data: options.data,
  host: "127.0.0.1",
  port: options.port,
  configuration: options.configuration,
  gitPoll: 3_600_000,
  trial: { control: "http://127.0.0.1:1" },
  log: createLog("server"),
  reached(point) {
    if (point !== options.at || existsSync(options.once)) return;
    writeFileSync(options.once, point);
    process.kill(process.pid, "SIGKILL");
  },
});
await server.ready;
console.log(server.url);
process.once("SIGTERM", () => void server.stop().then(() => process.exit(0)));
// The test that started us is gone: so are we.
process.once("disconnect", () => process.exit(0));
