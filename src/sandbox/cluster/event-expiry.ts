import { builtInType, storageKey } from "./kinds.ts";
import type { Objects } from "./objects.ts";

const lifeMs = 3_600_000;
const everyMs = 60_000;

/** Forgets Events an hour after they were made, as the real server does. Answers how to stop. */
export function expireEvents(objects: Objects, now: () => number): () => void {
  const type = builtInType("Event");
  const timer = setInterval(() => {
    for (const event of objects.store.list(storageKey(type)))
      if (Date.parse(event.metadata.creationTimestamp ?? "") < now() - lifeMs) objects.drop(type, event);
  }, everyMs).unref();
  return () => clearInterval(timer);
}
