import type { SluiceEvent } from "../../../../src/model/event.ts";
import type { SignName } from "../../signs/Sign.tsx";

/** Kinds a person filters by: the first word of an event's type. */
export const eventKinds = [
  { id: "promotion", word: "Promotions" },
  { id: "release", word: "Release steps" },
  { id: "workload", word: "Workloads" },
  { id: "policy", word: "Policies" },
  { id: "image", word: "Images" },
  { id: "agent", word: "Agents" },
  { id: "configuration", word: "Configuration" },
] as const;

export function kindOf(event: Pick<SluiceEvent, "type">): string {
  const first = event.type.split(".")[0] ?? "";
  return eventKinds.some((kind) => kind.id === first) ? first : "other";
}

const ends: Readonly<Record<string, SignName>> = { succeeded: "healthy", failed: "failed" };
const signs: Readonly<Record<string, SignName>> = {
  ...ends,
  problem: "failed",
  trouble: "failed",
  healthy: "healthy",
  verified: "healthy",
  mended: "healthy",
  here: "healthy",
  drifted: "drifted",
  gated: "waiting",
  queued: "waiting",
  confirmed: "applied",
  changed: "applied",
  locked: "locked",
  unlocked: "applied",
  automated: "applied",
  deautomated: "applied",
  updated: "applied",
  pushed: "applied",
  unreadable: "failed",
  "tags-missing": "waiting",
  "tags-accepted": "applied",
  "in-review": "waiting",
  away: "unknown",
  "taken-over": "unknown",
  aborted: "ended",
  superseded: "ended",
  "nothing-to-do": "ended",
  "rolled-back": "ended",
};

/** The sign of an event; its words say the same. A promotion that ended has the sign of how it ended. */
export function eventSign(event: Pick<SluiceEvent, "type" | "text">): SignName {
  if (event.type === "promotion.ended") return ends[event.text.split(" ").at(-1) ?? ""] ?? "ended";
  const what = event.type.slice(event.type.indexOf(".") + 1).replaceAll(" ", "-");
  return signs[what] ?? "rolling";
}
