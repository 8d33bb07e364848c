import type { Actor } from "../../../src/model/source.ts";

/** Who did it: a person by name, what moves by itself as automation. */
export function actorName(actor: Actor): string {
  return actor.kind === "automation" ? "automation" : personName(actor.name);
}

/** A person's name without the address that Git writes behind it; the address alone where there is no name. */
export function personName(who: string): string {
  const name = /^(.*?)\s*<[^<>]*>$/.exec(who.trim())?.[1];
  return name === undefined || name === "" ? who.replace(/^\s*<|>\s*$/g, "") : name;
}
