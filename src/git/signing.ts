import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { messageOf, SluiceError } from "../errors.ts";

/** Signs what a commit says; answers the armoured signature that goes into its header. Throws `git_failed`. */
export type Signer = (commit: Buffer) => Promise<string>;

const timeoutMs = 20_000;
const maxAnswer = 64 * 1024;

/**
 * A signer with an OpenSSH private key in a file, by `ssh-keygen`, as `git verify-commit` understands it. The key is
 * tried at once: throws `bad_request` when it cannot be read, is none, or has a passphrase, which nobody is there to type.
 */
export async function sshSigner(keyFile: string): Promise<Signer> {
  await access(keyFile, constants.R_OK).catch((cause: unknown) => {
    throw unusable(keyFile, "it cannot be read", `Check the path and who may read it (${messageOf(cause)}).`);
  });
  // Asked for its public half without a passphrase, ssh-keygen tells whether it could sign.
  const tried = await keygen(["-y", "-P", "", "-f", keyFile]);
  if (tried.code !== 0) throw refusedKey(keyFile, tried.stderr);
  return async (commit) => {
    const { code, stdout, stderr } = await keygen(["-Y", "sign", "-q", "-n", "git", "-f", keyFile], commit);
    if (code === 0 && stdout.startsWith("-----BEGIN SSH SIGNATURE-----")) return stdout.trimEnd();
    throw new SluiceError("git_failed", `a commit cannot be signed with the key ${keyFile}: ${lastLine(stderr)}`, {
      help: "Nothing is written unsigned. Put the key back, or leave SLUICE_GIT_SIGNING_KEY out and start again.",
    });
  };
}

/** The header of a signature: continued lines begin with a blank. */
export function signatureHeader(signature: string): string {
  return `gpgsig ${signature.split("\n").join("\n ")}\n`;
}

function refusedKey(file: string, words: string): SluiceError {
  if (/passphrase/i.test(words))
    return unusable(file, "it has a passphrase", "Make a key without one: ssh-keygen -t ed25519 -N '' -f FILE");
  if (/too open|bad permissions/i.test(words))
    return unusable(file, "others may read it", `Make it readable by the server only: chmod 600 ${file}`);
  return unusable(
    file,
    `it is no private key that ssh-keygen understands (${lastLine(words)})`,
    "Give the private half of an SSH key, not the .pub file.",
  );
}
function unusable(file: string, why: string, help: string): SluiceError {
  return new SluiceError("bad_request", `the signing key ${file} cannot be used: ${why}`, { help });
}
function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "ssh-keygen said nothing";
}

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs ssh-keygen away from any terminal and agent, so that it never asks; bounded in time and output. */
function keygen(args: readonly string[], input: Buffer = Buffer.alloc(0)): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn("ssh-keygen", args, {
      env: { PATH: process.env.PATH, LC_ALL: "C", SSH_ASKPASS_REQUIRE: "never" },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    const stdout = collect(child, child.stdout);
    const stderr = collect(child, child.stderr);
    child.on("error", (cause) =>
      reject(
        new SluiceError(
          "git_failed",
          "ssh-keygen could not be started",
          { help: "Signing needs it: install openssh-client." },
          { cause },
        ),
      ),
    );
    child.on("close", (code) => resolve({ code: code ?? 128, stdout: stdout(), stderr: stderr() }));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

function collect(child: ChildProcess, stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxAnswer) child.kill("SIGKILL");
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
