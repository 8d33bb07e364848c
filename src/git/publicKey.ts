import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SluiceError } from "../errors.ts";
import type { FluxPublicKey } from "../model/flux.ts";

const run = promisify(execFile);
const timeoutMs = 10_000;

/**
 * The public half of a private key file, with its fingerprints and their pictures, as `ssh-keygen` prints them. Throws
 * `git_failed` where the file cannot be read or has a passphrase.
 */
export async function publicKeyOf(path: string): Promise<FluxPublicKey> {
  const key = await keygen(path, ["-y", "-P", ""]);
  const [md5, sha256] = await Promise.all([fingerprint(path, "md5"), fingerprint(path, "sha256")]);
  return { key, fingerprints: { md5, sha256 } };
}

async function fingerprint(path: string, hash: "md5" | "sha256"): Promise<{ hash: string; randomart: string }> {
  const text = await keygen(path, ["-l", "-v", "-E", hash]);
  const end = text.indexOf("\n");
  return {
    hash: /^\d+ [^:]+:(\S+)/.exec(text.slice(0, end))?.[1] ?? "",
    randomart: text.slice(end + 1),
  };
}

async function keygen(path: string, args: readonly string[]): Promise<string> {
  try {
    return (await run("ssh-keygen", [...args, "-f", path], { timeout: timeoutMs })).stdout;
  } catch (error) {
    throw new SluiceError(
      "git_failed",
      "The public half of the server's SSH key cannot be shown.",
      {
        help: "Check that the key file can be read by the server alone, has no passphrase, and that ssh-keygen is installed.",
      },
      { cause: error },
    );
  }
}
