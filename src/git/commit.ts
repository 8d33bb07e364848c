import type { CommitInfo } from "../model/ports/git.ts";

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

/** A name or address as a commit's header can hold it; nobody has none. */
export function plain(text: string): string {
  return text.replace(/[<>\p{Cc}]/gu, "").trim() || "nobody";
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
