import { SluiceError, toSluiceError } from "../../errors.ts";

/** An error as the terminal shows it: what and where, then what to do. */
export function showProblem(thrown: unknown, debug = false): string {
  const error = toSluiceError(thrown);
  const unknown = !(thrown instanceof SluiceError);
  const lines = [`sluice: ${unknown ? firstLine(thrown) : error.message}`];
  if (unknown) lines.push("  This is a fault in Sluice; SLUICE_DEBUG=1 shows where.");
  else if (error.help !== "") lines.push(...error.help.split("\n").map((line) => `  ${line}`));
  if (debug) lines.push(stackOf(unknown ? thrown : (error.cause ?? error)));
  return lines.join("\n");
}

function firstLine(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).split("\n", 1)[0] ?? "";
}
function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
