import { text, url } from "./arguments/parse.ts";
import { Client } from "./client.ts";
import type { CliContext } from "./context.ts";
import { findServer } from "./find-server.ts";

/** Flags of every command that talks to the server. */
export interface ConnectionFlags {
  readonly server?: string;
  readonly token?: string;
}
export const connectionFlags = {
  server: {
    kind: "parsed",
    parse: url,
    placeholder: "URL",
    optional: true,
    brief: "Address of the server (or SLUICE_SERVER, or a trial running here)",
  },
  token: { kind: "parsed", parse: text, placeholder: "TOKEN", optional: true, brief: "Token (or SLUICE_TOKEN)" },
} as const;

/** A client of the server that the flags, the surroundings or a running trial name. */
export function connect(flags: ConnectionFlags, context: CliContext): Client {
  const token = flags.token ?? (context.env.SLUICE_TOKEN || undefined);
  return new Client(findServer(flags.server, context), token, context.env.SLUICE_USER || context.env.USER);
}
