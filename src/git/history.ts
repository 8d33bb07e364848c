import { LRUCache } from "lru-cache";
import type { CommitInfo } from "../model/ports/git.ts";
import { readCommit } from "./commit.ts";

const maxKeptBytes = 32 * 1024 * 1024;
/** How far a walk goes before git is started instead, which is slower to begin and faster to go on. */
const maxWalk = 256;

interface StoredCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  /** Undefined when its text is not UTF-8, which git itself has to convert. */
  readonly info: CommitInfo | undefined;
}

/** Commits by id, read once, and short walks over them without starting git. */
export class History {
  readonly #read: (id: string) => Promise<Buffer>;
  readonly #commits = new LRUCache<string, StoredCommit>({ maxSize: maxKeptBytes });

  /** `read` answers the commit object of an id, and throws where there is none. */
  constructor(read: (id: string) => Promise<Buffer>) {
    this.#read = read;
  }

  /** Takes over a commit just written, so that it is not read back. */
  keep(id: string, data: Buffer): void {
    this.#store(id, data);
  }

  /** The id of a commit's tree. */
  async tree(id: string): Promise<string> {
    return (await this.#commit(id)).tree;
  }

  /**
   * Commits from `to` back to `from` (not included) or to the beginning, newest first, of which `wanted` answers true;
   * no more than `limit`. Undefined when the line is longer than `steps`, is not straight, or has a commit that git has to read.
   */
  async straight(
    from: string | undefined,
    to: string,
    limit: number,
    steps: number,
    wanted: (commit: CommitInfo) => boolean | Promise<boolean>,
  ): Promise<CommitInfo[] | undefined> {
    const found: CommitInfo[] = [];
    let at: string | undefined = to;
    for (let taken = 0; at !== from && found.length < limit; taken++) {
      if (at === undefined || taken === steps) return undefined;
      const { info, parents }: StoredCommit = await this.#commit(at);
      if (info === undefined || parents.length > 1) return undefined;
      if (await wanted(info)) found.push(info);
      at = parents[0];
    }
    return found;
  }

  /**
   * Whether a commit is before another one, looked for from both ends at once: who finds the other on the way back knows
   * who came first. Undefined when neither is near.
   */
  async isBefore(ancestor: string, commit: string): Promise<boolean | undefined> {
    const back = this.#walkBack(commit);
    const ahead = this.#walkBack(ancestor);
    for (let steps = 0; steps < maxWalk; steps++) {
      const [older, newer] = [await back(), await ahead()];
      if (older === ancestor) return true;
      if (newer === commit || older === undefined) return false;
    }
    return undefined;
  }

  /** Answers the commits before a commit one by one, each once, then undefined. */
  #walkBack(start: string): () => Promise<string | undefined> {
    const seen = new Set([start]);
    const open = [start];
    const reached: string[] = [];
    return async () => {
      while (reached.length === 0) {
        const id = open.shift();
        if (id === undefined) return undefined;
        for (const parent of (await this.#commit(id)).parents) {
          if (seen.has(parent)) continue;
          seen.add(parent);
          open.push(parent);
          reached.push(parent);
        }
      }
      return reached.shift();
    };
  }

  async #commit(id: string): Promise<StoredCommit> {
    return this.#commits.get(id) ?? this.#store(id, await this.#read(id));
  }

  #store(id: string, data: Buffer): StoredCommit {
    const header = data.toString("latin1", 0, Math.max(0, data.indexOf("\n\n")));
    const commit: StoredCommit = {
      tree: /^tree ([0-9a-f]{40})$/m.exec(header)?.[1] ?? "",
      parents: [...header.matchAll(/^parent ([0-9a-f]{40})$/gm)].map((match) => match[1]!),
      info: readCommit(id, data),
    };
    this.#commits.set(id, commit, { size: data.length + 500 });
    return commit;
  }
}
