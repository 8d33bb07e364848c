import type { SluiceEvent } from "../../../src/model/event.ts";
import { affectedKeys } from "./affected.ts";

/** How the page stands to the server: fed live, trying again, or too long without news to be believed. */
export type Liveness = { readonly state: "live" | "reconnecting" | "stale"; readonly since: number };

const staleAfterMs = 20_000;
const retryMs = 2_000;

/** What the stream's news do: the keys of queries to read again, all of them, and how fresh the page is. */
export interface Follower {
  news(keys: readonly string[]): void;
  everything(): void;
  liveness(next: Liveness): void;
}
export type OpenStream = (address: string) => Pick<EventSource, "addEventListener" | "close">;

/**
 * Follows the server's stream and comes back to it where it was left, until the returned function is called.
 * Where the server has another history than the page, everything is read again and the place in the old one forgotten.
 */
export function followStream(follower: Follower, openStream: OpenStream): () => void {
  let stream: ReturnType<OpenStream> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  let wasLive = false;
  let lostAt: number | undefined;
  const open = () => {
    stream = openStream(last === 0 ? "/api/v1/stream" : `/api/v1/stream?after=${last}`);
    stream.addEventListener("ready", () => {
      if (lostAt !== undefined && wasLive) follower.everything();
      lostAt = undefined;
      wasLive = true;
      follower.liveness({ state: "live", since: Date.now() });
    });
    stream.addEventListener("reset", () => {
      last = 0;
      follower.everything();
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
    stream.addEventListener("error", () => {
      stream?.close();
      lostAt ??= Date.now();
      const since = lostAt;
      follower.liveness({ state: Date.now() - since > staleAfterMs ? "stale" : "reconnecting", since });
      clearTimeout(timer);
      timer = setTimeout(open, retryMs);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    stream?.close();
  };
}
