import { useNow } from "./now.ts";
import { showAge, showMoment } from "./words.ts";

/** How long ago, with the moment itself in the title. */
export function Ago({ at, suffix = "" }: { at: number; suffix?: string }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={showMoment(at)} className="nowrap">
      {showAge(now - at)}
      {suffix}
    </time>
  );
}
