import type { Identity } from "../model/identity.ts";
import type { CommitInfo } from "../model/ports/git.ts";
import { type Signer, signatureHeader } from "./signing.ts";

/** Format of `git log -z`: each commit is `logFields` texts. */
export const logFormat = "%H%x00%P%x00%an%x00%ct%x00%s%x00%B";
export const logFields = 6;

/** Reads a commit object; undefined when its text is not UTF-8, which git itself has to convert. */
export function readCommit(id: string, data: Buffer): CommitInfo | undefined {
  const text = data.toString("utf8");
  const end = text.indexOf("\n\n");
  const header = text.slice(0, end);
  const author = /^author (.*?) ?<[^>]*> \d+ [+-]\d+$/m.exec(header);
  const committer = /^committer .*> (\d+) [+-]\d+$/m.exec(header);
  if (end < 0 || author === null || committer === null || /^encoding /m.test(header)) return undefined;
  const body = text.slice(end + 2);
  return {
    commit: id,
    parents: [...header.matchAll(/^parent ([0-9a-f]{40})$/gm)].map((match) => match[1]!),
    author: author[1]!,
    at: Number(committer[1]) * 1_000,
    subject: body
      .trimStart()
      .split(/\n\s*\n/, 1)[0]!
      .replace(/\n/g, " ")
      .trimEnd(),
    body,
  };
}

/** What a commit object is made of. */
export interface CommitParts {
  readonly tree: string;
  readonly parent: string;
  readonly author: Identity;
  readonly committer: Identity;
  /** Milliseconds. */
  readonly at: number;
  readonly message: string;
}

/** Writes a commit object, signed where there is a signer: the signature is over everything but itself. */
export async function formatCommit(parts: CommitParts, signer: Signer | undefined): Promise<Buffer> {
  const at = `${Math.floor(parts.at / 1_000)} +0000`;
  const header =
    `tree ${parts.tree}\nparent ${parts.parent}\n` +
    `author ${person(parts.author)} ${at}\ncommitter ${person(parts.committer)} ${at}\n`;
  const body = `\n${parts.message.replaceAll("\0", "")}`;
  if (signer === undefined) return Buffer.from(header + body, "utf8");
  const signature = await signer(Buffer.from(header + body, "utf8"));
  return Buffer.from(header + signatureHeader(signature) + body, "utf8");
}

function person({ name, email }: Identity): string {
  return `${plain(name)} <${plain(email).replace(/\s/g, "")}>`;
}
/** A name or address as a commit's header can hold it; nobody has none. */
function plain(text: string): string {
  const clean = text.replace(/[\p{Cc}\s]+/gu, " ").replace(/[<>]/g, "");
  return [...clean.trim()].slice(0, 200).join("").trim() || "nobody";
}

/** A record of `git log` in `logFormat`. */
export function parseCommit([commit, parents, author, at, subject, body]: readonly string[]): CommitInfo {
  return {
    commit: commit!,
    parents: parents === "" ? [] : parents!.split(" "),
    author: author!,
    at: Number(at) * 1_000,
    subject: subject!,
    body: body!,
  };
}
