/** One message of a server-sent event stream. */
export interface ServerSentEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: string;
}

const maxBuffered = 8 * 1024 * 1024;

/** Takes a `text/event-stream` apart; comments are passed over. */
export async function* readEventStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let buffer = "";
  for await (const chunk of body) {
    buffer += decoder.decode(chunk, { stream: true });
    if (buffer.length > maxBuffered) throw new Error("a message of the event stream is too long");
    for (;;) {
      const end = buffer.indexOf("\n\n");
      if (end < 0) break;
      const message = readMessage(buffer.slice(0, end));
      buffer = buffer.slice(end + 2);
      if (message !== undefined) yield message;
    }
  }
}

function readMessage(text: string): ServerSentEvent | undefined {
  let event = "message";
  let id: string | undefined;
  const data: string[] = [];
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    const field = line.slice(0, colon);
    if (field === "event") event = value;
    else if (field === "id") id = value;
    else if (field === "data") data.push(value);
  }
  if (data.length === 0) return undefined;
  return { event, data: data.join("\n"), ...(id === undefined ? {} : { id }) };
}
