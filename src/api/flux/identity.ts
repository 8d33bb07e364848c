import { SluiceError, toSluiceError } from "../../errors.ts";
import type { FluxGitConfig, FluxPublicKey } from "../../model/flux.ts";
import { shownAddress } from "../address.ts";
import type { ApiContext } from "../context.ts";

/** A line of authorized_keys that is a comment stands for a key where there is none to show. */
function noKey(comment: string): FluxPublicKey {
  const none = { hash: "none", randomart: "" };
  return { key: `# ${comment}\n`, fingerprints: { md5: none, sha256: none } };
}

/** The key that Git hosts know this server by. */
export async function fluxIdentity(context: ApiContext): Promise<FluxPublicKey> {
  const none = "This Sluice has no SSH key: it signs in to Git by the credentials it was started with.";
  try {
    return (await context.publicKey()) ?? noKey(none);
  } catch (error) {
    // A sync asks for it too, and does not need it.
    const { message, help } = toSluiceError(error);
    return noKey(`${message} ${help}`);
  }
}

/** Where an environment is read from, and whether that works. Throws `refused` when a new key is asked for. */
export async function fluxGitConfig(context: ApiContext, name: string, regenerate: boolean): Promise<FluxGitConfig> {
  if (regenerate) throw cannotRegenerate();
  const { git } = context.repositories.environment(name);
  const problem = context.repositories.unreachable.get(git.repository);
  const head = context.repositories.headOf(name);
  return {
    remote: { url: shownAddress(git.repository), branch: git.branch, path: git.paths.join(",") },
    publicSSHKey: await fluxIdentity(context),
    status: problem !== undefined ? "unreachable" : head === undefined ? "cloned" : "ready",
    errors: problem ?? (head === undefined ? `there is no branch ${git.branch}, or it has not been read yet` : ""),
  };
}

export function cannotRegenerate(): SluiceError {
  return new SluiceError("refused", "Sluice does not make SSH keys.", {
    help: "Make one with ssh-keygen, give its public half to the Git host, and start the server with SLUICE_GIT_SSH_KEY naming the file.",
  });
}
