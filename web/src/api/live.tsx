import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import type { SluiceEvent } from "../../../src/model/event.ts";
import { affectedKeys } from "./affected.ts";
import { Refresher } from "./refresher.ts";

/** How the page stands to the server: fed live, trying again, or too long without news to be believed. */
export type Liveness = { readonly state: "live" | "reconnecting" | "stale"; readonly since: number };

const staleAfterMs = 20_000;
const retryMs = 2_000;
const LiveContext = createContext<Liveness>({ state: "reconnecting", since: Date.now() });

export function useLiveness(): Liveness {
  return use(LiveContext);
}

/** Feeds every query from the server's event stream, and tells how fresh the page is. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>(() => ({ state: "reconnecting", since: Date.now() }));
  useEffect(() => {
    const refresher = new Refresher(
      (keys) => Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] }))),
      120,
    );
    return followStream({
      news: (keys) => refresher.add(keys),
      everything: () => void client.invalidateQueries(),
      liveness: setLiveness,
    });
  }, [client]);
  return <LiveContext value={liveness}>{children}</LiveContext>;
}

interface Follower {
  news(keys: readonly string[]): void;
  everything(): void;
  liveness(next: Liveness): void;
}

function followStream(follower: Follower): () => void {
  let stream: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  let wasLive = false;
  let lostAt: number | undefined;
  const open = () => {
    stream = new EventSource(last === 0 ? "/api/v1/stream" : `/api/v1/stream?after=${last}`);
    stream.addEventListener("ready", () => {
      if (lostAt !== undefined && wasLive) follower.everything();
      lostAt = undefined;
      wasLive = true;
      follower.liveness({ state: "live", since: Date.now() });
    });
    stream.addEventListener("event", (message) => {
      const event = JSON.parse(message.data) as SluiceEvent;
      last = Math.max(last, event.seq);
      follower.news(affectedKeys({ kind: "event", ...event }));
    });
    stream.addEventListener("changed", (message) => {
      const { image } = JSON.parse(message.data) as { image?: string };
      follower.news(affectedKeys(image === undefined ? { kind: "changed" } : { kind: "changed", image }));
    });
    stream.onerror = () => {
      stream?.close();
      lostAt ??= Date.now();
      const since = lostAt;
      follower.liveness({ state: Date.now() - since > staleAfterMs ? "stale" : "reconnecting", since });
      clearTimeout(timer);
      timer = setTimeout(open, retryMs);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    stream?.close();
  };
}
