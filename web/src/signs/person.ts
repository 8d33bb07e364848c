import { personName } from "../../../src/model/identity.ts";
import type { Actor } from "../../../src/model/source.ts";

/** Who did it: a person by name, what moves by itself as automation. */
export function actorName(actor: Actor): string {
  return actor.kind === "automation" ? "automation" : personName(actor.name);
}
