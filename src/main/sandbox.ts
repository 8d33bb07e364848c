import { messageOf } from "../errors.ts";
import { systemClock } from "../model/ports/clock.ts";
import { answerQuestions, type WorldOrder } from "../sandbox/world/messages.ts";
import { startWorld } from "../sandbox/world/world.ts";
import { createLog } from "./log.ts";

/**
 * Entry of the trial's sandbox process: clusters, registry, Git server and CI. Started by the demo over an IPC channel
 * with its order as the only argument; ends with the demo.
 */
const log = createLog("sandbox");
const endsWithinMs = 3_000;
let ending = false;
let close: (() => Promise<void>) | undefined;

function end(): void {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(0), endsWithinMs).unref();
  (close?.() ?? Promise.resolve())
    .catch((error: unknown) => log.warn("the end was not clean", { problem: messageOf(error) }))
    .finally(() => process.exit(0));
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"]) process.on(signal, end);

try {
  const world = await startWorld(JSON.parse(process.argv[2] ?? "{}") as WorldOrder, systemClock, log);
  close = world.close;
  answerQuestions(process, world.answer);
  process.send?.({ ready: world.ready });
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
