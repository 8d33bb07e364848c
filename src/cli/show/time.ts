import { showDuration } from "../../model/duration.ts";

/** A moment for people, seen from now: `12 s ago`, `in 3 m`, `just now`. */
export function relative(at: number, now: number): string {
  const span = now - at;
  if (Math.abs(span) < 1_000) return "just now";
  return span > 0 ? `${roughly(span)} ago` : `in ${roughly(-span)}`;
}

/** One unit is enough to say how long ago something was. */
function roughly(ms: number): string {
  return ms < 600_000 ? showDuration(ms) : showDuration(ms).replace(/^(\d+ [hm]) .*$/, "$1");
}

/** The time of day, for lines that are appended. */
export function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
