import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { CliContext } from "../context.ts";
import type { Cause } from "./client.ts";

export interface CauseFlags {
  readonly message?: string;
  readonly user?: string;
}
export const causeFlags = {
  message: {
    kind: "parsed",
    parse: String,
    placeholder: "TEXT",
    optional: true,
    brief: "Why; stands in the commit",
  },
  user: {
    kind: "parsed",
    parse: String,
    placeholder: "NAME",
    optional: true,
    brief: "Who asks, as the commit says it (or SLUICE_USER, or Git's author here)",
  },
} as const;

/** Who asks for a change and why: as written, else as the surroundings or Git's own configuration name the person. */
export async function causeOf(flags: CauseFlags, context: Pick<CliContext, "env" | "cwd">): Promise<Cause> {
  const User = flags.user ?? (context.env.SLUICE_USER || (await gitAuthor(context)));
  return { User, Message: flags.message ?? "" };
}

/** `Ada <ada@example.org>`, or the half of it that is configured; empty without Git. */
async function gitAuthor({ env, cwd }: Pick<CliContext, "env" | "cwd">): Promise<string> {
  const read = promisify(execFile)("git", ["config", "--null", "--get-regexp", "^user\\.(name|email)$"], {
    cwd,
    env: { ...env },
  });
  const { stdout } = await read.catch(() => ({ stdout: "" }));
  const values = new Map(
    stdout.split("\0").map((entry): [string, string] => {
      const [key = "", value = ""] = entry.split("\n", 2);
      return [key, value];
    }),
  );
  const [name, email] = [values.get("user.name") ?? "", values.get("user.email") ?? ""];
  if (email === "") return name;
  return name === "" ? email : `${name} <${email}>`;
}
