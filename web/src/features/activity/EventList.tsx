import { Link } from "@tanstack/react-router";
import type { SluiceEvent } from "../../../../src/model/event.ts";
import { Commit } from "../../frame/Commit.tsx";
import { leadOf } from "../../signs/alike.ts";
import { Said } from "../../signs/Said.tsx";
import { Sign } from "../../signs/Sign.tsx";
import { useNow } from "../../time/now.ts";
import { showClock, showMoment } from "../../time/words.ts";
import style from "./Activity.module.css";
import { eventSign } from "./kinds.ts";

interface EventListProps {
  readonly events: readonly SluiceEvent[];
  /** On a release's own page its id need not be said again, nor the evidence that stands beside the events. */
  readonly within?: { readonly beside: readonly string[] };
}

/** What happened, newest first. */
export function EventList({ events, within }: EventListProps) {
  const now = useNow();
  if (events.length === 0) return <p className={style.none}>Nothing yet.</p>;
  return (
    <ol className={style.events}>
      {events.map((event) => (
        <li key={event.seq}>
          <Sign name={eventSign(event)} size={14} />
          <time dateTime={new Date(event.at).toISOString()} title={showMoment(event.at)}>
            {showClock(event.at, now, true)}
          </time>
          <span className={style.text}>
            <Said text={within === undefined ? event.text : leadOf(event.text, within.beside)} />
            <span className={style.facts}>
              {event.actor.kind === "person" && !event.text.startsWith(event.actor.name) && (
                <span>by {event.actor.name}</span>
              )}
              {event.commit !== undefined && <Commit id={event.commit} />}
              {event.promotion !== undefined && within === undefined && (
                <Link to="/releases/$id" params={{ id: event.promotion }}>
                  {event.promotion}
                </Link>
              )}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
