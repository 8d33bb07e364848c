import { SluiceError } from "../errors.ts";
import { showDuration } from "../model/duration.ts";
import type { PromotionView } from "../model/views.ts";
import { flag } from "./arguments/flags.ts";
import { duration } from "./arguments/parse.ts";
import type { Client } from "./client.ts";
import { type CliContext, exitCodes, type Output } from "./context.ts";
import { painter } from "./show/paint.ts";
import { isOver } from "./show/promotion.ts";
import { createScreen } from "./show/screen.ts";

export interface FollowFlags {
  readonly watch?: boolean;
  readonly wait?: boolean;
  readonly timeout?: number;
}
export const followFlags = {
  watch: flag("Show its progress until it ends"),
  wait: flag("The same for scripts: exit 4 when it still waits after --timeout"),
  timeout: {
    kind: "parsed",
    parse: duration,
    placeholder: "TIME",
    optional: true,
    brief: "How long --wait waits (10m)",
  },
} as const;

const waitMs = 600_000;
/** Without the stream: how often to look. With it: how often to look anyway. */
const pollMs = 1_000;
const lookAnywayMs = 5_000;
/** A server that is away for longer than this is not coming back soon: nobody is left waiting for ever. */
const maxAwayMs = 300_000;

/** Refuses flags that contradict each other. */
export function checkFollow(flags: FollowFlags): void {
  if (flags.timeout !== undefined && !flags.wait)
    throw new SluiceError("bad_request", "--timeout goes with --wait.", { help: "Add --wait, or leave it out." });
}

/**
 * Shows a promotion's progress until it ends, the time is over, or the person has seen enough (Ctrl-C ends the
 * watching, never the release). A server that is away is waited for, 5 minutes at most. Answers the view last seen.
 */
export async function follow(
  context: CliContext,
  client: Client,
  first: PromotionView,
  flags: FollowFlags,
  output: Output,
): Promise<PromotionView> {
  const { id } = first.promotion;
  const deadline = flags.wait ? context.now() + (flags.timeout ?? waitMs) : Number.POSITIVE_INFINITY;
  const screen = createScreen(output, painter(output, context.env), () => context.now());
  const wake = createWake();
  const ended = new AbortController();
  const interrupt = () => {
    ended.abort();
    wake.now();
  };
  process.once("SIGINT", interrupt);
  const listening = listen(client, id, ended.signal, wake);
  let view = first;
  let seenAt = context.now();
  let interrupted = false;
  try {
    for (;;) {
      screen.show(view);
      if (isOver(view)) break;
      const left = deadline - context.now();
      if (left <= 0 || ended.signal.aborted) break;
      await wake.after(Math.min(left, wake.live ? lookAnywayMs : pollMs));
      if (ended.signal.aborted) break;
      const seen = await look(client, id, (problem) => screen.trouble(problem));
      if (seen === undefined && context.now() - seenAt > maxAwayMs) throw awayTooLong(id);
      if (seen === undefined) continue;
      view = seen;
      seenAt = context.now();
    }
  } finally {
    process.off("SIGINT", interrupt);
    interrupted = ended.signal.aborted;
    ended.abort();
    await listening;
  }
  conclude(context, view, interrupted);
  return view;
}

/** The exit code of a promotion as it stands, and a word where it is not over. */
function conclude(context: CliContext, view: PromotionView, interrupted: boolean): void {
  const { id, state } = view.promotion;
  if (isOver(view)) {
    context.finish(state === "succeeded" || state === "nothing to do" ? exitCodes.done : exitCodes.failed);
    return;
  }
  // The terminal shows the Ctrl-C where the cursor was.
  if (interrupted && context.err.terminal) context.err.write("\n");
  context.err.write(`${id} goes on without you watching. Look again: sluice releases ${id} --watch\n`);
  context.finish(interrupted ? exitCodes.interrupted : exitCodes.waiting);
}

function awayTooLong(id: string): SluiceError {
  return new SluiceError("unreachable", `The server has not answered for ${showDuration(maxAwayMs)}.`, {
    help: `${id} goes on when it is back. Look again then: sluice releases ${id} --watch`,
  });
}

/** The promotion as it is now; undefined while the server is away. */
async function look(
  client: Client,
  id: string,
  trouble: (problem: string) => void,
): Promise<PromotionView | undefined> {
  try {
    return await client.promotion(id);
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || thrown.code !== "unreachable") throw thrown;
    trouble(`${thrown.message} Trying again.`);
    return undefined;
  }
}

/** Wakes the follower at everything that may concern it; the stream is opened again when it breaks. */
async function listen(client: Client, id: string, signal: AbortSignal, wake: Wake): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const message of client.stream(signal)) {
        wake.live = true;
        if (message.event !== "event" || message.data.includes(id)) wake.now();
      }
    } catch {
      // Whatever broke the stream, looking by the clock goes on and tells of real trouble.
    }
    wake.live = false;
    if (!signal.aborted) await pause(pollMs, signal);
  }
}

interface Wake {
  live: boolean;
  now(): void;
  after(ms: number): Promise<void>;
}
function createWake(): Wake {
  let due = false;
  let call: (() => void) | undefined;
  return {
    live: false,
    now() {
      due = true;
      call?.();
    },
    async after(ms) {
      if (!due)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          call = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      due = false;
      call = undefined;
    },
  };
}
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
