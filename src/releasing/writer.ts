import { setTimeout as pause } from "node:timers/promises";
import { SluiceError } from "../errors.ts";
import { withoutCredentials } from "../git/words.ts";
import type { Identity } from "../model/identity.ts";
import type { CommitInfo, GitMirror, GitMirrors } from "../model/ports/git.ts";
import { withSkipCi } from "../planning/message.ts";
import { trailer } from "../planning/trailers.ts";

/** What a commit shall contain, made anew on every head it is tried on: the edits are replayed, never the commit. */
export type Edit =
  | { readonly kind: "commit"; readonly files: ReadonlyMap<string, string | null>; readonly message: string }
  | { readonly kind: "nothing"; readonly reason: string };

export interface WriteRequest {
  readonly repository: string;
  /** The branch pushed to. */
  readonly branch: string;
  /**
   * The branch that `branch` is merged into later, where that is another one: `branch` begins at its head when it is not
   * there or has nothing of its own, and a commit of ours found on either counts.
   */
  readonly from?: string | undefined;
  /** Adds `[ci skip]` to the message. */
  readonly skipCi?: boolean | undefined;
  /** The trailer that makes a push safe to repeat: `Sluice-Release: <id>`. */
  readonly trailer: { readonly key: string; readonly value: string };
  /** Head seen before the first try; an earlier try of ours can only stand after it. */
  readonly base: string;
  readonly author: Identity;
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
/** Fewer commits than this do not make a push any faster. */
const minBatch = 8;
const maxPauseMs = 100;

/** What waits for one branch of a repository. */
interface Queue {
  readonly waiting: Waiting[];
  /**
   * How many commits the next push may have: fewer after a lost race, as a small batch is made and pushed sooner, and one
   * after a refusal.
   */
  limit: number;
  running: Promise<void> | undefined;
}

/**
 * Writes commits: one queue per repository and branch. Edits that wait together go in one push as separate commits, and
 * so do those that come while the commits of that push are still being made: nobody waits for a push not yet begun.
 * When somebody else was faster, fetches and replays the edits on the new head, a bounded number of times and fewer at
 * once, so that even who pushes all the time is outrun.
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
    const key = `${request.repository} ${request.branch} ${request.from ?? ""}`;
    const queue: Queue = this.#queues.get(key) ?? { waiting: [], limit: maxBatch, running: undefined };
    this.#queues.set(key, queue);
    return new Promise((resolve, reject) => {
      queue.waiting.push({ request, resolve, reject });
      queue.running ??= this.#drain(queue);
    });
  }

  async #drain(queue: Queue): Promise<void> {
    while (queue.waiting.length > 0) {
      const batch = queue.waiting.splice(0, queue.limit);
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
      const start = await startOf(mirror, batch[0]!.request);
      const { tip, settle } = await this.#stack(mirror, start, batch, queue);
      if (tip === start.head) return settle();
      this.#reached("commit made");
      const result = await mirror.push(branch, tip, start.expected).catch((error: unknown) => {
        if (batch.length === 1 || !isRefusal(error)) throw error;
        return undefined;
      });
      if (result === undefined) {
        // One of them may be what the host does not want, and the others shall not fail with it: each goes by itself.
        queue.limit = 1;
        queue.waiting.unshift(...batch.splice(1));
        continue;
      }
      if (result.pushed) {
        this.#reached("commit pushed");
        queue.limit = Math.min(maxBatch, queue.limit * 4);
        return settle();
      }
      queue.limit = Math.max(minBatch, Math.ceil(batch.length / 4));
      queue.waiting.unshift(...batch.splice(queue.limit));
      // Short: every moment from here on is one in which the head may move again.
      await pause(Math.min(maxPauseMs, 2 ** attempt) * Math.random());
    }
    throw new SluiceError(
      "git_failed",
      `${branch} of ${withoutCredentials(mirror.url)} moved ${maxTries} times while writing to it`,
      {
        help: "Others push to it all the time; it is tried again.",
      },
    );
  }

  /**
   * Stacks one commit per request on the head, and takes into the batch who comes meanwhile; answers the tip and how to
   * tell everybody once it is pushed.
   */
  async #stack(
    mirror: GitMirror,
    start: Start,
    batch: Waiting[],
    queue: Queue,
  ): Promise<{ tip: string; settle: () => void }> {
    const told: (() => void)[] = [];
    let tip = start.head;
    for (let index = 0; ; index++) {
      if (index === batch.length) batch.push(...queue.waiting.splice(0, Math.max(0, queue.limit - batch.length)));
      const next = batch[index];
      if (next === undefined) break;
      const { request, resolve, reject } = next;
      try {
        const earlier = await findEarlier(mirror, request, start);
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
          message: request.skipCi === true ? withSkipCi(edit.message) : edit.message,
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

/** Whether the Git host took a look and said no: a host that cannot be reached says nothing about what was pushed. */
function isRefusal(error: unknown): boolean {
  return error instanceof SluiceError && error.facts.isRefused === true;
}

/** Where a batch begins. */
interface Start {
  /** The commit its commits are stacked on. */
  readonly head: string;
  /** Where the branch stands as far as we know; undefined when it is not there. */
  readonly expected: string | undefined;
  /** Where our commits may stand already. */
  readonly looked: readonly string[];
}

async function startOf(mirror: GitMirror, { branch, from }: WriteRequest): Promise<Start> {
  const expected = await mirror.head(branch);
  if (from === undefined || from === branch) {
    if (expected === undefined) throw noBranch(mirror, branch);
    return { head: expected, expected, looked: [expected] };
  }
  const target = await mirror.head(from);
  if (target === undefined) throw noBranch(mirror, from);
  if (expected === undefined || (await mirror.isAncestor(expected, target)))
    return { head: target, expected, looked: [target] };
  return { head: expected, expected, looked: [expected, target] };
}

function noBranch(mirror: GitMirror, branch: string): SluiceError {
  return new SluiceError("git_failed", `${withoutCredentials(mirror.url)} has no branch ${branch}`, {
    help: `Somebody deleted it, or the environment's document has a slip. It is written as soon as ${branch} is there.`,
  });
}

/** The commit an earlier try of a request left on a branch. */
async function findEarlier(mirror: GitMirror, request: WriteRequest, start: Start): Promise<CommitInfo | undefined> {
  const { key, value } = request.trailer;
  for (const head of start.looked) {
    if (request.base === head) continue;
    const known = await mirror.isAncestor(request.base, head);
    const commits = await mirror.log(known ? request.base : undefined, head, { containing: [`${key}: ${value}`] });
    const found = commits.find((commit) => trailer(commit.body, key) === value);
    if (found !== undefined) return found;
  }
  return undefined;
}
