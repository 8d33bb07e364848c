import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { buildCommand, buildRouteMap } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import type { Store } from "../../model/ports/store.ts";
import { flag, named } from "../arguments/flags.ts";
import { text } from "../arguments/parse.ts";
import type { CliContext } from "../context.ts";
import { table } from "../show/table.ts";
import { relative } from "../show/time.ts";

const data = {
  kind: "parsed",
  parse: text,
  placeholder: "FOLDER",
  brief: "Data folder of the server; the server may be running",
} as const;

type Body<T> = (store: Store) => Promise<T>;

/** Works on the store of a server that has one; only a first token may make it. */
async function withStore<T>(context: CliContext, folder: string, make: boolean, body: Body<T>): Promise<T> {
  const data = resolve(context.cwd, folder);
  if (!make && !existsSync(data))
    throw new SluiceError("not_found", `There is no data folder ${data}.`, {
      help: "Name the folder that the server has as --data.",
    });
  const store = await context.starters.openStore(data);
  try {
    return await body(store);
  } finally {
    await store.close();
  }
}

interface CreateFlags {
  readonly name: string;
  readonly agent?: boolean;
  readonly environment?: readonly string[];
  readonly data: string;
}
const create = buildCommand<CreateFlags, [], CliContext>({
  docs: {
    brief: "Make a token and print it once",
    fullDescription:
      "Prints the token alone on stdout; only a hash of it is kept, so it cannot be shown again.\n" +
      "An agent's token (--agent) may only report, and only for the environments named.",
  },
  parameters: {
    flags: {
      name: { kind: "parsed", parse: text, placeholder: "NAME", brief: "Who or what it is for" },
      agent: flag("For an agent instead of a person"),
      environment: { ...named("NAME", "Environment the agent may report for; may be repeated"), variadic: true },
      data,
    },
    aliases: { e: "environment" },
  },
  async func(flags) {
    const environments = flags.environment ?? [];
    if ((flags.agent ?? false) !== environments.length > 0)
      throw new SluiceError(
        "bad_request",
        flags.agent ? "An agent's token names its environments." : "--environment is for agents' tokens.",
        { help: "For an agent: sluice token create --agent --environment NAME --name NAME --data FOLDER" },
      );
    const { token, record } = await this.starters.newToken(flags.name, flags.agent ? "agent" : "person", environments);
    await withStore(this, flags.data, true, (store) => store.tokens.insert(record));
    this.out.write(`${token}\n`);
    const what = flags.agent ? `agent's token for ${environments.join(", ")}` : "token";
    this.err.write(`Made ${what} "${flags.name}" (id ${record.id}). It is shown this once.\n`);
  },
});

const list = buildCommand<{ readonly data: string }, [], CliContext>({
  docs: { brief: "List tokens; their text is not kept" },
  parameters: { flags: { data } },
  async func(flags) {
    const tokens = await withStore(this, flags.data, false, (store) => store.tokens.list());
    if (tokens.length === 0) return this.out.write("There is no token.\n");
    const now = this.now();
    const rows = tokens.map((token) => [
      token.id,
      token.name,
      token.kind,
      token.environments.join(", "),
      relative(token.createdAt, now),
      token.lastUsedAt === undefined ? "never" : relative(token.lastUsedAt, now),
    ]);
    this.out.write(table(["ID", "NAME", "KIND", "ENVIRONMENTS", "MADE", "USED"], rows));
  },
});

const remove = buildCommand<{ readonly data: string }, [string], CliContext>({
  docs: { brief: "Remove a token; whoever has it is locked out at once" },
  parameters: {
    flags: { data },
    positional: {
      kind: "tuple",
      parameters: [{ parse: text, placeholder: "ID", brief: "Id or name of the token" }],
    },
  },
  async func(flags, wanted) {
    await withStore(this, flags.data, false, async (store) => {
      const tokens = await store.tokens.list();
      const found = tokens.filter((token) => token.id === wanted || token.name === wanted);
      const [token] = found;
      if (token === undefined)
        throw new SluiceError("not_found", `There is no token "${wanted}".`, { help: "sluice token list shows them." });
      if (found.length > 1)
        throw new SluiceError("bad_request", `Several tokens are called "${wanted}".`, {
          help: `Name one by its id: ${found.map((entry) => entry.id).join(", ")}`,
        });
      await store.tokens.remove(token.id);
      this.out.write(`Removed ${token.kind} token "${token.name}" (id ${token.id}).\n`);
    });
  },
});

/** `sluice token create | list | remove`: works on the server's store, so that the first token needs no token. */
export const tokenRoutes = buildRouteMap({
  docs: { brief: "Make, list and remove tokens of people and agents" },
  routes: { create, list, remove },
});
