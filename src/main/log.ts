import { pino } from "pino";
import type { Log } from "../model/ports/log.ts";

/** JSON lines on stderr; SLUICE_LOG sets the level. */
export function createLog(name: string): Log {
  const logger = pino(
    { name, level: process.env.SLUICE_LOG ?? "info", base: { name } },
    pino.destination({ fd: 2, sync: true }),
  );
  return {
    info: (message, facts = {}) => logger.info(facts, message),
    warn: (message, facts = {}) => logger.warn(facts, message),
    error: (message, facts = {}) => logger.error(facts, message),
  };
}
