import fc from "fast-check";
import { expect, test } from "vitest";
import { readEventStream, type ServerSentEvent } from "./event-stream.ts";

const text =
  'id: 7\nevent: event\ndata: {"text":"grüße ✓"}\n\n: alive\n\nevent: changed\ndata: {}\n\ndata: a\ndata: b\n\nevent: cut';

async function read(chunks: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  const found: ServerSentEvent[] = [];
  const body = (async function* () {
    yield* chunks;
  })();
  for await (const message of readEventStream(body)) found.push(message);
  return found;
}

test("messages are read whole wherever the network cuts them, even inside a letter", async () => {
  const bytes = new TextEncoder().encode(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 6 }), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(await read(chunks)).toEqual([
        { event: "event", id: "7", data: '{"text":"grüße ✓"}' },
        { event: "changed", data: "{}" },
        { event: "message", data: "a\nb" },
      ]);
    }),
  );
});
