import { once } from "node:events";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { automation } from "../../../src/model/source.ts";
import { type Plain, startPlain } from "../../support/plain.ts";

let server: Plain;
let inside: Plain["store"];
beforeAll(async () => {
  server = await startPlain();
  inside = server.store;
});
afterAll(() => server.stop());

interface Frame {
  readonly id: number | undefined;
  readonly event: string;
}
/** Reads the stream until a check is content; answers what came. */
async function read(from: number | undefined, enough: (frames: readonly Frame[]) => boolean): Promise<Frame[]> {
  const stop = new AbortController();
  const answer = await fetch(`${server.url}/api/v1/stream`, {
    headers: {
      authorization: `Bearer ${server.person}`,
      ...(from === undefined ? {} : { "last-event-id": String(from) }),
    },
    signal: stop.signal,
  });
  const frames: Frame[] = [];
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body!) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const value = (key: string) => lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
      const id = value("id");
      frames.push({ id: id === undefined ? undefined : Number(id), event: value("event") ?? "" });
    }
    if (enough(frames)) break;
  }
  stop.abort();
  return frames;
}
const ids = (frames: readonly Frame[]) => frames.flatMap((frame) => frame.id ?? []);
const append = (count: number) =>
  Promise.all(
    Array.from({ length: count }, () => inside.events.append({ type: "test", actor: automation, text: "x" })),
  );

/** An agent comes and goes: events that the server itself writes and tells. */
async function comeAndGo(): Promise<void> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v1/agent`, {
    headers: { authorization: `Bearer ${server.agent}` },
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "hello", protocol: 1, version: "test", environments: ["dev"] }));
  await once(socket, "message");
  socket.close();
  await once(socket, "close");
}

test("a reader that comes back at its last event gets every later one once and in order, while others are written", async () => {
  await append(3);
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 600 }),
      fc.nat({ max: 20 }),
      fc.integer({ min: 1, max: 4 }),
      async (before, back, visits) => {
        await append(before);
        const from = Math.max(0, (await inside.events.last()) - back);
        let target = Number.POSITIVE_INFINITY;
        const reading = read(from, (frames) => (ids(frames).at(-1) ?? 0) >= target);
        await Promise.all([append(50), ...Array.from({ length: visits }, comeAndGo)]);
        target = await inside.events.last();
        await comeAndGo();
        const seen = ids(await reading);
        expect(seen).toEqual(Array.from({ length: seen.length }, (_, index) => from + 1 + index));
        expect(seen.at(-1)).toBeGreaterThanOrEqual(target);
      },
    ),
    { numRuns: 8 },
  );
});

test("a reader that is ahead of us is told to begin anew", async () => {
  const frames = await read(9_999_999, (seen) => seen.some((frame) => frame.event === "ready"));
  expect(frames[0]!.event).toBe("reset");
});

test("a reader that comes back at 0 gets everything", async () => {
  const last = await inside.events.last();
  const frames = await read(0, (seen) => seen.some((frame) => frame.event === "ready"));
  expect(ids(frames)).toHaveLength(last);
});
