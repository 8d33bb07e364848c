import type { SluiceEvent } from "../../../../src/model/event.ts";

/** Kinds a person filters by: the first word of an event's type. */
export const eventKinds = [
  { id: "promotion", word: "Promotions" },
  { id: "release", word: "Release steps" },
  { id: "agent", word: "Agents" },
  { id: "config", word: "Configuration" },
] as const;

export function kindOf(event: Pick<SluiceEvent, "type">): string {
  const first = event.type.split(".")[0] ?? "";
  return eventKinds.some((kind) => kind.id === first) ? first : "other";
}

/** The colour of an event's dot; the words say the same. */
export function eventTone(
  event: Pick<SluiceEvent, "type" | "text">,
): "failed" | "healthy" | "waiting" | "rolling" | "unknown" {
  if (/failed|problem/.test(event.type)) return "failed";
  if (/succeeded|here|verified/.test(event.type)) return "healthy";
  if (/gated|queued/.test(event.type)) return "waiting";
  if (/away|aborted|superseded|nothing|rolled back/.test(event.type)) return "unknown";
  if (event.type === "promotion.ended")
    return event.text.endsWith("failed") ? "failed" : event.text.endsWith("succeeded") ? "healthy" : "unknown";
  return "rolling";
}
