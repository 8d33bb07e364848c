import { readFile } from "node:fs/promises";
import { SluiceError } from "../errors.ts";

/**
 * What git is given in its environment to sign in at an address. Never on the command line, where other users of the
 * machine could read it, and never in a repository's settings.
 */
export type Credentials = (url: string) => Promise<NodeJS.ProcessEnv>;
export const noCredentials: Credentials = async (url) => environmentFor(url, undefined);

/** Files with what Git is signed in with. */
export interface CredentialFiles {
  /** Lines `https://host/path/ user token`; `#` starts a comment and the longest address that fits counts. */
  readonly https?: string | undefined;
  /** An OpenSSH private key without passphrase, for addresses of SSH. */
  readonly sshKey?: string | undefined;
  /** The keys of SSH hosts that are believed; left out, those of the user that runs us. */
  readonly knownHosts?: string | undefined;
}

/** Credentials from files, which are read for every call, so that a changed token or key needs no restart. */
export function fileCredentials({ https, sshKey, knownHosts }: CredentialFiles): Credentials {
  return async (url) => {
    if (isSsh(url)) return sshEnvironment(sshKey, knownHosts);
    return environmentFor(url, https === undefined ? undefined : parseCredentials(https, await readLines(https)));
  };
}

/** `ssh://host/path`, or `user@host:path` as people write it. */
function isSsh(url: string): boolean {
  return /^(?:git\+)?ssh:\/\//.test(url) || /^(?!\/|[a-z]+:\/\/)[^/:]+:(?!\/\/)/i.test(url);
}

/** How git calls ssh: never asking, with our key alone where there is one, and no host believed that is not known. */
function sshEnvironment(key: string | undefined, knownHosts: string | undefined): NodeJS.ProcessEnv {
  // What whoever starts us has set up is kept where nothing of ours stands against it.
  if (key === undefined && knownHosts === undefined && process.env.GIT_SSH_COMMAND !== undefined) return {};
  const options = ["BatchMode=yes", "ConnectTimeout=20"];
  if (key !== undefined) options.push("IdentitiesOnly=yes", "IdentityAgent=none", `IdentityFile=${sshValue(key)}`);
  if (knownHosts !== undefined)
    options.push(
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${sshValue(knownHosts)}`,
      "GlobalKnownHostsFile=/dev/null",
    );
  const command = ["ssh", ...options.flatMap((option) => ["-o", shellWord(option)])].join(" ");
  return { GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: "ssh" };
}
/** A path in ssh's own quotes, in which `%` begins a placeholder. */
function sshValue(path: string): string {
  return `"${path.replaceAll("%", "%%")}"`;
}
/** Git hands the command to a shell. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
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
