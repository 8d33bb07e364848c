import { readFile } from "node:fs/promises";
import { SluiceError } from "../errors.ts";

/**
 * What git is given in its environment to sign in at an address. Never on the command line, where other users of the
 * machine could read it, and never in a repository's settings.
 */
export type Credentials = (url: string) => Promise<NodeJS.ProcessEnv>;
export const noCredentials: Credentials = async (url) => environmentFor(url, undefined);

/**
 * Credentials of a file with lines `https://host/path/ user token`; `#` starts a comment and the longest address that
 * fits counts. The file is read for every call, so that a changed token needs no restart.
 */
export function fileCredentials(path: string | undefined): Credentials {
  if (path === undefined) return noCredentials;
  return async (url) => environmentFor(url, parseCredentials(path, await readLines(path)));
}

interface Entry {
  readonly prefix: string;
  readonly user: string;
  readonly token: string;
}

async function readLines(path: string): Promise<string[]> {
  try {
    return (await readFile(path, "utf8")).split("\n");
  } catch (cause) {
    throw new SluiceError("git_failed", `the credentials of Git cannot be read from ${path}`, {}, { cause });
  }
}

/** A line that is none is told by its number only: what it says may be a secret. */
function parseCredentials(path: string, lines: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  lines.forEach((line, index) => {
    const [prefix = "", user, token, ...rest] = line.trim().split(/\s+/);
    if (prefix === "" || prefix.startsWith("#")) return;
    if (user === undefined || token === undefined || rest.length > 0 || !URL.canParse(prefix))
      throw new SluiceError("git_failed", `line ${index + 1} of ${path} is not "https://host/ user token"`);
    entries.push({ prefix: prefix.endsWith("/") ? prefix : `${prefix}/`, user, token });
  });
  return entries.sort((a, b) => b.prefix.length - a.prefix.length);
}

function environmentFor(url: string, entries: readonly Entry[] | undefined): NodeJS.ProcessEnv {
  if (!/^https?:/.test(url) || !URL.canParse(url)) return {};
  const { origin, pathname, username, password } = new URL(url);
  const entry = entries?.find(({ prefix }) => `${origin}${pathname}/`.startsWith(prefix));
  const pair =
    entry !== undefined
      ? `${entry.user}:${entry.token}`
      : username === ""
        ? undefined
        : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  if (pair === undefined) return {};
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(pair).toString("base64")}`,
  };
}
