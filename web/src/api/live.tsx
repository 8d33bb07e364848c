import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import { Refresher } from "./refresher.ts";
import { followStream, type Liveness } from "./stream.ts";

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
    const follower = {
      news: (keys: readonly string[]) => refresher.add(keys),
      everything: () => void client.invalidateQueries(),
      liveness: setLiveness,
    };
    return followStream(follower, (address) => new EventSource(address));
  }, [client]);
  return <LiveContext value={liveness}>{children}</LiveContext>;
}
