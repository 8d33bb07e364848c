import type { Actor } from "./source.ts";

/** Whom a commit names as its author or committer. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}
/** Who commits, and who wrote what nobody else did: an address that belongs to nobody. */
export const sluiceIdentity: Identity = { name: "Sluice", email: "sluice@sluice.invalid" };

/** Reads `Name <address>`; undefined when a text is not that. */
export function readIdentity(text: string): Identity | undefined {
  const match = /^([^<>]*[^<>\s])\s*<([^<>\s]+@[^<>\s]+)>$/u.exec(text.trim());
  return match === null ? undefined : { name: match[1]!, email: match[2]! };
}

/** A person's name without the address that Git writes behind it; the address alone where there is no name. */
export function personName(who: string): string {
  const name = /^(.*?)\s*<[^<>]*>$/.exec(who.trim())?.[1];
  return name === undefined || name === "" ? who.replace(/^\s*<|>\s*$/g, "") : name;
}

/**
 * The author of a commit that somebody asked for: with the address where the name holds one (`Ada <ada@example.org>`,
 * as fluxctl sends it, or an address alone), else with Sluice's.
 */
export function authorOf(by: Actor): Identity {
  if (by.kind === "automation") return sluiceIdentity;
  const name = by.name.trim();
  return readIdentity(name) ?? { name, email: /^[^<>\s@]+@[^<>\s@]+$/.test(name) ? name : sluiceIdentity.email };
}
