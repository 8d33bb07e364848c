import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import type { SluiceEvent } from "../../model/event.ts";
import { personName } from "../../model/identity.ts";
import { flag, named } from "../arguments/flags.ts";
import { positive } from "../arguments/parse.ts";
import type { Client } from "../client.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { findEnvironment } from "../environment-name.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";
import { lines } from "../show/table.ts";
import { clockTime, relative } from "../show/time.ts";

interface Flags extends ConnectionFlags, OutputFlags {
  readonly limit: number;
  readonly environment?: string;
  readonly follow?: boolean;
}

/** `sluice events`: what happened, oldest first, and with --follow what happens. */
export const eventsCommand = buildCommand<Flags, [], CliContext>({
  docs: { brief: "Show what happened, and follow what happens" },
  parameters: {
    flags: {
      limit: { kind: "parsed", parse: positive, placeholder: "N", default: "30", brief: "How many of the past" },
      environment: named("NAME", "Only this environment"),
      follow: flag("Go on until Ctrl-C"),
      ...outputFlags,
      ...connectionFlags,
    },
    aliases: { l: "limit", e: "environment", f: "follow", ...outputAliases },
  },
  async func(flags) {
    const client = connect(flags, this);
    const { limit, environment } = flags;
    const answer = await client.events({ limit, environment });
    if (answer.events.length === 0 && environment !== undefined) await checkEnvironment(client, environment);
    if (!flags.follow)
      return print(this, flags.output, answer, {
        table: ({ events }) =>
          events.length === 0 ? "Nothing has happened yet.\n" : eventTable([...events].reverse(), this.now()),
        names: ({ events }) => [...events].reverse().map((event) => event.type),
      });
    if (flags.output === "yaml")
      throw new SluiceError("bad_request", "--follow prints a table, names or JSON lines.", { help: "Use -o json." });
    for (const event of [...answer.events].reverse()) this.out.write(line(event, flags));
    await followEvents(this, client, flags, answer.events[0]?.seq ?? 0);
  },
});

/** Where nothing happened the name may be wrong. Throws `not_found` with those there are. */
async function checkEnvironment(client: Client, name: string): Promise<void> {
  const { environments } = await client.matrix();
  findEnvironment(environments, name);
}

function eventTable(events: readonly SluiceEvent[], now: number): string {
  return lines(
    events.map((event) => [relative(event.at, now), event.environment ?? "", personName(event.actor.name), event.text]),
  );
}

function line(event: SluiceEvent, { output }: Flags): string {
  if (output === "json") return `${JSON.stringify(event)}\n`;
  if (output === "name") return `${event.type}\n`;
  return `${clockTime(event.at)}  ${event.environment === undefined ? "" : `${event.environment}  `}${event.text}\n`;
}

/** Prints events as they come; a stream that breaks is taken up where it ended. */
async function followEvents(context: CliContext, client: Client, flags: Flags, after: number): Promise<void> {
  const ended = new AbortController();
  const interrupt = () => ended.abort();
  process.once("SIGINT", interrupt);
  let seen = after;
  let told = false;
  while (!ended.signal.aborted) {
    try {
      for await (const message of client.stream(ended.signal, seen)) {
        told = false;
        if (message.event !== "event") continue;
        const event = JSON.parse(message.data) as SluiceEvent;
        seen = event.seq;
        if (flags.environment === undefined || event.environment === flags.environment)
          context.out.write(line(event, flags));
      }
    } catch (thrown) {
      if (ended.signal.aborted) break;
      if (thrown instanceof SluiceError && thrown.code !== "unreachable") throw thrown;
      if (!told) context.err.write("The stream broke; trying again.\n");
      told = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  process.off("SIGINT", interrupt);
  context.finish(exitCodes.done);
}
