import { createHash } from "node:crypto";
import { join } from "node:path";
import { SluiceError } from "../errors.ts";
import { type Identity, readIdentity } from "../model/identity.ts";
import type { GitMirrors } from "../model/ports/git.ts";
import { type CredentialFiles, fileCredentials } from "./credentials.ts";
import { Mirror } from "./mirror.ts";
import { type Signer, sshSigner } from "./signing.ts";

/** How the Git hosts are met: what one signs in with, and how commits are signed. */
export interface GitAccess {
  readonly credentials: CredentialFiles;
  /** Left out, commits are not signed. */
  readonly signer?: Signer;
  /** Whom commits name as their committer. */
  readonly committer?: Identity;
}

/** One mirror per repository below a folder, however many environments use it. */
export function createMirrors(
  folder: string,
  access: GitAccess = { credentials: credentialsOf(process.env) },
): GitMirrors {
  const { credentials, ...rest } = access;
  const options = { credentials: fileCredentials(credentials), ...rest };
  const open = new Map<string, Promise<Mirror>>();
  let abandoned = false;
  return {
    open(url) {
      const known = open.get(url);
      if (known !== undefined) return known;
      const name = createHash("sha256").update(url).digest("hex").slice(0, 16);
      const mirror = Mirror.open(url, join(folder, name), options).catch((error: unknown) => {
        open.delete(url);
        throw error;
      });
      open.set(url, mirror);
      if (abandoned) abandon(mirror);
      return mirror;
    },
    abandon() {
      abandoned = true;
      for (const mirror of open.values()) abandon(mirror);
    },
    async close() {
      for (const mirror of open.values()) await (await mirror.catch(() => undefined))?.close();
    },
  };
}

function abandon(opening: Promise<Mirror>): void {
  opening.then(
    (mirror) => mirror.abandon(),
    () => {},
  );
}

/** The files that a process' environment names for signing in. */
function credentialsOf(environment: NodeJS.ProcessEnv): CredentialFiles {
  return {
    https: environment.SLUICE_GIT_CREDENTIALS,
    sshKey: environment.SLUICE_GIT_SSH_KEY,
    knownHosts: environment.SLUICE_GIT_KNOWN_HOSTS,
  };
}

/**
 * Everything a process' environment says about Git, tried where it can be: SLUICE_GIT_SIGNING_KEY signs commits,
 * SLUICE_GIT_COMMITTER (`Name <address>`) commits them. Throws `bad_request` and says what is wrong.
 */
export async function gitAccessOf(environment: NodeJS.ProcessEnv): Promise<GitAccess> {
  const { SLUICE_GIT_SIGNING_KEY: key, SLUICE_GIT_COMMITTER: committer } = environment;
  return {
    credentials: credentialsOf(environment),
    ...(committer === undefined ? {} : { committer: committerOf(committer) }),
    ...(key === undefined ? {} : { signer: await sshSigner(key) }),
  };
}

function committerOf(text: string): Identity {
  const identity = readIdentity(text);
  if (identity !== undefined) return identity;
  throw new SluiceError("bad_request", `SLUICE_GIT_COMMITTER is "${text}", which is not "Name <address>"`, {
    help: 'Write for example "Sluice <sluice@example.org>", with the address of the account that pushes.',
  });
}
