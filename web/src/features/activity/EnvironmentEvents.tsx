import { useInfiniteQuery } from "@tanstack/react-query";
import { eventsQuery } from "../../api/queries.ts";
import { EventList } from "./EventList.tsx";

const shown = 15;

/** The last events of one environment. */
export function EnvironmentEvents({ environment }: { environment: string }) {
  const events = useInfiniteQuery(eventsQuery({ environment })).data?.pages[0]?.events ?? [];
  return (
    <section className="card" aria-label="Events">
      <h2 style={{ padding: "12px 18px 6px" }}>Events</h2>
      <EventList events={events.slice(0, shown)} />
    </section>
  );
}
