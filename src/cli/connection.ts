import { SluiceError } from "../errors.ts";
import { personName } from "../model/identity.ts";
import { named } from "./arguments/flags.ts";
import { url } from "./arguments/parse.ts";
import { Client } from "./client.ts";
import { environmentNames } from "./completion/names.ts";
import type { CliContext } from "./context.ts";
import { findServer } from "./find-server.ts";
import { FluxClient } from "./flux/client.ts";
import { Http } from "./http.ts";

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
  token: named("TOKEN", "Token (or SLUICE_TOKEN)"),
} as const;

/** A client of the server that the flags, the surroundings or a running trial name. */
export function connect(flags: ConnectionFlags, context: CliContext): Client {
  return new Client(calls(flags, context, undefined));
}

/** Both of the server's APIs, Flux's for one environment. `user` is who a change is recorded for. */
export function connectFlux(
  flags: ConnectionFlags,
  context: CliContext,
  environment: string,
  user?: string,
): { readonly client: Client; readonly flux: FluxClient } {
  const http = calls(flags, context, user);
  return { client: new Client(http), flux: new FluxClient(http, environment) };
}

/** A client whose changes in a trial are recorded for this person, written `Ada` or `Ada <ada@example.org>`. */
export function connectAs(flags: ConnectionFlags, context: CliContext, user: string): Client {
  return new Client(calls(flags, context, user));
}

function calls(flags: ConnectionFlags, context: CliContext, user: string | undefined): Http {
  const token = flags.token ?? (context.env.SLUICE_TOKEN || undefined);
  const caller = user || context.env.SLUICE_USER || context.env.USER;
  return new Http(findServer(flags.server, context), {
    ...(token === undefined ? {} : { token }),
    ...(caller === undefined ? {} : { user: personName(caller) }),
  });
}

export interface EnvironmentFlags {
  readonly environment?: string;
}
export const environmentFlags = {
  environment: {
    ...named("NAME", "Environment, shown as fluxctl shows a cluster (or SLUICE_ENVIRONMENT)"),
    proposeCompletions: environmentNames,
  },
} as const;
export const environmentAliases = { e: "environment" } as const;

/** The environment a command is for, where the flag or the surroundings name one. */
export function environmentOf(flags: EnvironmentFlags, context: Pick<CliContext, "env">): string | undefined {
  return flags.environment ?? (context.env.SLUICE_ENVIRONMENT || undefined);
}

/** The same for a command that needs one; `orElse` is what could be given instead. */
export function neededEnvironment(flags: EnvironmentFlags, context: Pick<CliContext, "env">, orElse?: string): string {
  const environment = environmentOf(flags, context);
  if (environment !== undefined) return environment;
  throw new SluiceError(
    "bad_request",
    `Name the environment: -e NAME${orElse === undefined ? "" : `, or ${orElse}`}.`,
    {
      help: "SLUICE_ENVIRONMENT names it for every command; sluice list-workloads shows them all.",
    },
  );
}
