import { SluiceError } from "../errors.ts";
import { type AgentFrame, maxExportLength, type ServerFrame } from "../model/protocol.ts";

type Exported = Extract<AgentFrame, { type: "exported" }>;
type Refused = Extract<AgentFrame, { type: "refused" }>;

/** An export that an agent was asked for. */
interface Pending {
  readonly environment: string;
  /** Whom we asked: nobody else's parts are taken. */
  readonly session: object;
  readonly whole: Promise<string>;
  readonly resolve: (text: string) => void;
  readonly reject: (error: SluiceError) => void;
  readonly pieces: string[];
  length: number;
}

/** Exports under way: puts their parts together, within bounds, and ends each one, whatever the agent does. */
export class Exports {
  readonly #pending = new Map<string, Pending>();
  #last = 0;

  /** Asks for an export; who asks for the same environment meanwhile gets the same one. */
  ask(environment: string, session: object, send: (frame: ServerFrame) => void, timeoutMs: number): Promise<string> {
    for (const pending of this.#pending.values())
      if (pending.environment === environment && pending.session === session) return pending.whole;
    const id = String(++this.#last);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const timer = setTimeout(
      () =>
        reject(
          failed(`the agent of ${environment} has not sent what runs there within ${timeoutMs / 1_000} s`, {
            help: "Try again; the agent's log says what it waits for.",
          }),
        ),
      timeoutMs,
    );
    const whole = promise.finally(() => {
      clearTimeout(timer);
      this.#pending.delete(id);
    });
    this.#pending.set(id, { environment, session, whole, resolve, reject, pieces: [], length: 0 });
    send({ type: "export", id, environment });
    return whole;
  }

  part(session: object, { id, part, parts, text }: Exported): void {
    const pending = this.#of(session, id);
    if (pending === undefined) return;
    const { environment, pieces } = pending;
    if (part !== pieces.length || part >= parts)
      return pending.reject(failed(`the agent of ${environment} sent the parts of its answer out of order`));
    pending.length += text.length;
    if (pending.length > maxExportLength)
      return pending.reject(failed(`the agent of ${environment} sent more than ${maxExportLength / 1024 / 1024} MB`));
    pieces.push(text);
    if (pieces.length === parts) pending.resolve(pieces.join(""));
  }

  refused(session: object, { id, message }: Refused): void {
    const pending = this.#of(session, id);
    pending?.reject(failed(`the agent of ${pending.environment} cannot send what runs there: ${message}`));
  }

  /** The agent does not know what an export is. */
  unsupported(session: object): void {
    this.#rejectAll(session, (environment) =>
      failed(`the agent of ${environment} is too old to send what runs there`, { help: "Update the agent." }),
    );
  }
  gone(session: object): void {
    this.#rejectAll(session, (environment) => failed(`the agent of ${environment} went away before it had answered`));
  }
  close(): void {
    this.#rejectAll(undefined, () => new SluiceError("unreachable", "The server is stopping."));
  }

  #of(session: object, id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    return pending?.session === session ? pending : undefined;
  }
  #rejectAll(session: object | undefined, error: (environment: string) => SluiceError): void {
    for (const pending of this.#pending.values())
      if (session === undefined || pending.session === session) pending.reject(error(pending.environment));
  }
}

function failed(message: string, facts: { readonly help?: string } = {}): SluiceError {
  return new SluiceError("conflict", message, facts);
}
