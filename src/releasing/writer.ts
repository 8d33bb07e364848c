import { setTimeout as pause } from "node:timers/promises";
import { SluiceError } from "../errors.ts";
import type { CommitInfo, GitMirror, GitMirrors } from "../model/ports/git.ts";
import { trailer } from "../planning/trailers.ts";

/** What a commit shall contain, made anew on every head it is tried on: the edits are replayed, never the commit. */
export type Edit =
  | { readonly kind: "commit"; readonly files: ReadonlyMap<string, string | null>; readonly message: string }
  | { readonly kind: "nothing"; readonly reason: string };

export interface WriteRequest {
  readonly repository: string;
  readonly branch: string;
  /** The trailer that makes a push safe to repeat: `Sluice-Release: <id>`. */
  readonly trailer: { readonly key: string; readonly value: string };
  /** Head seen before the first try; an earlier try of ours can only stand after it. */
  readonly base: string;
  readonly author: { readonly name: string; readonly email: string };
  readonly at: number;
  readonly edit: (mirror: GitMirror, head: string) => Promise<Edit>;
}
export type WriteResult =
  /** `again` is the commit as it was found on the branch when an earlier try had written it. */
  | { readonly kind: "written"; readonly commit: string; readonly again?: CommitInfo }
  | { readonly kind: "nothing"; readonly reason: string };

interface Waiting {
  readonly request: WriteRequest;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}
const maxTries = 10;
const maxBatch = 50;

/** What waits for one branch of a repository. */
interface Queue {
  readonly waiting: Waiting[];
  running: Promise<void> | undefined;
}

/**
 * Writes commits: one queue per repository and branch. Edits that wait together go in one push as separate commits, and
 * so do those that come while the commits of that push are still being made: nobody waits for a push not yet begun.
 * When somebody else was faster, fetches and replays the edits on the new head, a bounded number of times.
 */
export class Writer {
  readonly #mirrors: GitMirrors;
  readonly #reached: (point: string) => void;
  readonly #queues = new Map<string, Queue>();

  constructor(mirrors: GitMirrors, reached: (point: string) => void = () => {}) {
    this.#mirrors = mirrors;
    this.#reached = reached;
  }

  /** Resolves once the commit is on the remote branch (by this try or an earlier one), or nothing was left to change. */
  write(request: WriteRequest): Promise<WriteResult> {
    const key = `${request.repository} ${request.branch}`;
    const queue: Queue = this.#queues.get(key) ?? { waiting: [], running: undefined };
    this.#queues.set(key, queue);
    return new Promise((resolve, reject) => {
      queue.waiting.push({ request, resolve, reject });
      queue.running ??= this.#drain(queue);
    });
  }

  async #drain(queue: Queue): Promise<void> {
    while (queue.waiting.length > 0) {
      const batch = queue.waiting.splice(0, maxBatch);
      await this.#writeBatch(batch, queue).catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      });
    }
    // In the same turn as the last look at the queue: who comes later starts another drain.
    queue.running = undefined;
  }

  async #writeBatch(batch: Waiting[], queue: Queue): Promise<void> {
    const { repository, branch } = batch[0]!.request;
    const mirror = await this.#mirrors.open(repository);
    for (let attempt = 0; attempt < maxTries; attempt++) {
      const head = await mirror.head(branch);
      if (head === undefined) throw new SluiceError("git_failed", `${repository} has no branch ${branch}`);
      const { tip, settle } = await this.#stack(mirror, head, batch, queue);
      if (tip === head) return settle();
      this.#reached("commit made");
      const result = await mirror.push(branch, tip, head);
      if (result.pushed) {
        this.#reached("commit pushed");
        return settle();
      }
      await pause(20 * 2 ** attempt * Math.random());
    }
    throw new SluiceError("git_failed", `${branch} of ${repository} moved ${maxTries} times while writing to it`);
  }

  /**
   * Stacks one commit per request on the head, and takes into the batch who comes meanwhile; answers the tip and how to
   * tell everybody once it is pushed.
   */
  async #stack(
    mirror: GitMirror,
    head: string,
    batch: Waiting[],
    queue: Queue,
  ): Promise<{ tip: string; settle: () => void }> {
    const told: (() => void)[] = [];
    let tip = head;
    for (let index = 0; ; index++) {
      if (index === batch.length) batch.push(...queue.waiting.splice(0, maxBatch - batch.length));
      const next = batch[index];
      if (next === undefined) break;
      const { request, resolve, reject } = next;
      try {
        const earlier = await findEarlier(mirror, request, head);
        if (earlier !== undefined) {
          told.push(() => resolve({ kind: "written", commit: earlier.commit, again: earlier }));
          continue;
        }
        const edit = await request.edit(mirror, tip);
        if (edit.kind === "nothing") {
          told.push(() => resolve({ kind: "nothing", reason: edit.reason }));
          continue;
        }
        const commit = await mirror.commit({
          parent: tip,
          files: edit.files,
          message: edit.message,
          author: request.author,
          at: request.at,
        });
        tip = commit;
        told.push(() => resolve({ kind: "written", commit }));
      } catch (error) {
        told.push(() => reject(error));
      }
    }
    return {
      tip,
      settle: () => {
        for (const tell of told) tell();
      },
    };
  }
}

/** The commit an earlier try of a request left on the branch. */
async function findEarlier(mirror: GitMirror, request: WriteRequest, head: string): Promise<CommitInfo | undefined> {
  if (request.base === head) return undefined;
  const { key, value } = request.trailer;
  const known = await mirror.isAncestor(request.base, head);
  const commits = await mirror.log(known ? request.base : undefined, head, { containing: [`${key}: ${value}`] });
  return commits.find((commit) => trailer(commit.body, key) === value);
}
