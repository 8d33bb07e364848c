import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { eventsQuery, matrixQuery } from "../../api/queries.ts";
import { Problem } from "../../frame/Notices.tsx";
import style from "./Activity.module.css";
import { EventList } from "./EventList.tsx";
import { eventKinds, kindOf } from "./kinds.ts";

const route = getRouteApi("/activity");

/** Everything that happened, newest first and live. */
export function ActivityPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState(search.q ?? "");
  const environments = useQuery(matrixQuery).data?.environments ?? [];
  const query = useInfiniteQuery(
    eventsQuery(search.environment === undefined ? {} : { environment: search.environment }),
  );
  const wanted = text.toLowerCase();
  const events = query.data?.pages
    .flatMap((page) => page.events)
    .filter((event) => search.kind === undefined || kindOf(event) === search.kind)
    .filter((event) => `${event.text} ${event.actor.name}`.toLowerCase().includes(wanted));
  const set = (next: Partial<typeof search>) => {
    const kept = Object.entries({ ...search, ...next }).filter(([, value]) => value !== undefined && value !== "");
    void navigate({ search: Object.fromEntries(kept), replace: true });
  };
  return (
    <>
      <title>Activity · Sluice</title>
      <h1>Activity</h1>
      <div className={style.filters}>
        <NativeSelect
          aria-label="Environment"
          value={search.environment ?? ""}
          data={[{ value: "", label: "Every environment" }, ...environments.map((entry) => entry.name)]}
          onChange={(event) => set({ environment: event.currentTarget.value })}
        />
        <NativeSelect
          aria-label="Kind"
          value={search.kind ?? ""}
          data={[
            { value: "", label: "Every kind" },
            ...eventKinds.map((kind) => ({ value: kind.id, label: kind.word })),
            { value: "other", label: "Others" },
          ]}
          onChange={(event) => set({ kind: event.currentTarget.value })}
        />
        <TextInput
          aria-label="Filter events"
          placeholder="Filter by text or person"
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            set({ q: event.currentTarget.value });
          }}
        />
      </div>
      {query.error !== null && <Problem error={query.error} retry={() => void query.refetch()} />}
      <div className="card" style={{ minHeight: 320, paddingTop: 8 }} aria-busy={events === undefined}>
        {events !== undefined && <EventList events={events} />}
        {query.hasNextPage && (
          <Button
            variant="subtle"
            fullWidth
            onClick={() => void query.fetchNextPage()}
            loading={query.isFetchingNextPage}
          >
            Show older
          </Button>
        )}
      </div>
    </>
  );
}
