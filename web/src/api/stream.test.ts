import { afterEach, expect, test, vi } from "vitest";
import { followStream } from "./stream.ts";

/** A stream whose messages the test sends. */
class Said extends EventTarget {
  close() {}
  say(type: string, data: object = {}) {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

function follow() {
  const told: string[] = [];
  const addresses: string[] = [];
  let stream = new Said();
  const stop = followStream(
    {
      news: (keys) => told.push(...keys),
      everything: () => told.push("everything"),
      liveness: ({ state }) => told.push(state),
    },
    (address) => {
      addresses.push(address);
      stream = new Said();
      return stream as unknown as EventSource;
    },
  );
  return { told, addresses, stop, say: (type: string, data?: object) => stream.say(type, data) };
}

afterEach(() => {
  vi.useRealTimers();
});

test("a broken stream is taken up where it was left, and everything is read again", () => {
  vi.useFakeTimers();
  const { told, addresses, stop, say } = follow();
  say("ready");
  say("event", { seq: 7, type: "release.pushed" });
  say("error");
  vi.runAllTimers();
  say("ready");
  stop();
  expect(addresses).toEqual(["/api/v1/stream", "/api/v1/stream?after=7"]);
  expect(told.slice(-3)).toEqual(["reconnecting", "everything", "live"]);
});

test("a server with another history has everything read again and is not asked for the old place", () => {
  vi.useFakeTimers();
  const { told, addresses, stop, say } = follow();
  say("ready");
  say("event", { seq: 900, type: "release.pushed" });
  say("reset");
  expect(told.at(-1)).toBe("everything");
  say("event", { seq: 3, type: "release.pushed" });
  say("error");
  vi.runAllTimers();
  stop();
  expect(addresses.at(-1)).toBe("/api/v1/stream?after=3");
});
