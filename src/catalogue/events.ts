import type { CatalogueImage, SuspectTags } from "../model/catalogue.ts";
import type { NewEvent } from "../model/event.ts";
import { type Actor, automation } from "../model/source.ts";

/** Tags that cannot be read are told one by one up to this many, then together. */
const oneByOne = 5;

export function pushedEvents(name: string, fresh: readonly CatalogueImage[]): NewEvent[] {
  return fresh.map(({ tag, digest }) => ({
    type: "image.pushed",
    actor: automation,
    text: `${name}:${tag} is in the registry`,
    data: { name, tag, digest },
  }));
}

/** Tags that could be read before, or were not there, and cannot be read now: they are passed over. */
export function unreadEvents(
  name: string,
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): NewEvent[] {
  const bad = Object.entries(now).filter(([tag]) => !Object.hasOwn(before, tag));
  const [first] = bad;
  if (first === undefined) return [];
  if (bad.length > oneByOne)
    return [
      {
        type: "image.unreadable",
        actor: automation,
        text: `${bad.length} tags of ${name} cannot be read and are passed over; ${first[0]}: ${first[1]}`,
        data: { name, tags: bad.length },
      },
    ];
  return bad.map(([tag, why]) => ({
    type: "image.unreadable",
    actor: automation,
    text: `${name}:${tag} cannot be read and is passed over: ${why}`,
    data: { name, tag },
  }));
}

export function suspectEvent(name: string, { had, has }: SuspectTags): NewEvent {
  return {
    type: "image.tags-missing",
    actor: automation,
    text: `The registry listed ${had} tags of ${name} and lists ${has === 0 ? "none" : `only ${has}`} of them now; automation waits until they are back, or somebody promotes from it by hand, or for a day`,
    data: { name, had, has },
  };
}

export function acceptedEvent(name: string, { had, has }: SuspectTags, by: Actor): NewEvent {
  return {
    type: "image.tags-accepted",
    actor: by,
    text: `Accepted that of ${had} tags of ${name} ${has === 0 ? "none" : `only ${has}`} are left`,
    data: { name, had, has },
  };
}
