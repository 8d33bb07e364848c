import { randomUUID } from "node:crypto";
import { type ErrorCode, SluiceError, toSluiceError } from "../../errors.ts";

/** What the sandbox process is told when it starts. */
export interface WorldOrder {
  /** Everything of the world is kept below. */
  readonly folder: string;
  /** A folder of manifests to start from; the sample shop without. Counts at the first start only. */
  readonly from?: string;
  readonly ports: {
    readonly git: number;
    readonly registry: number;
    readonly clusters: Readonly<Record<string, number>>;
  };
  /** Address of the Sluice server, for notifications. */
  readonly server: string;
}
/** Where its parts are, told once it is ready. */
export interface WorldReady {
  readonly git: string;
  readonly registry: string;
  readonly workloads: number;
  /** Whether prod runs other versions than dev, so that something waits for a person. */
  readonly waiting: boolean;
  /** A service whose build moves something, for the first thing to try. */
  readonly example: string | undefined;
}
interface Question {
  readonly ask: string;
  readonly action: string;
  readonly body: unknown;
}
interface Answer {
  readonly answer: string;
  readonly value?: object;
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly help: string };
}
/** The part of a process or child process that carries messages. */
interface Channel {
  send?: ((message: object) => unknown) | undefined;
  on(event: "message", listener: (message: unknown) => void): unknown;
  off(event: "message", listener: (message: unknown) => void): unknown;
}
const answerWithinMs = 20_000;

/** Asks the process at the other end; throws its SluiceError, or `unreachable` when it does not answer in time. */
export function ask(channel: Channel, action: string, body: unknown): Promise<object> {
  const id = randomUUID();
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      channel.off("message", take);
    };
    const timer = setTimeout(() => {
      done();
      reject(new SluiceError("unreachable", `The trial world did not answer "${action}" in time.`));
    }, answerWithinMs);
    const take = (message: unknown) => {
      const { answer, value, error } = message as Answer;
      if (answer !== id) return;
      done();
      if (error === undefined) resolve(value ?? {});
      else reject(new SluiceError(error.code, error.message, { help: error.help }));
    };
    channel.on("message", take);
    channel.send?.({ ask: id, action, body } satisfies Question);
  });
}

/** Answers the questions of the process at the other end. */
export function answerQuestions(channel: Channel, handle: (action: string, body: unknown) => Promise<object>): void {
  channel.on("message", (message) => {
    const { ask: id, action, body } = message as Question;
    if (typeof id !== "string") return;
    handle(action, body).then(
      (value) => channel.send?.({ answer: id, value } satisfies Answer),
      (thrown: unknown) => {
        const { code, message: text, help } = toSluiceError(thrown);
        channel.send?.({ answer: id, error: { code, message: text, help } } satisfies Answer);
      },
    );
  });
}
