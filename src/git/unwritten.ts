/** An object of a commit that was made here. */
export interface MadeObject {
  readonly id: string;
  readonly type: "commit" | "tree" | "blob";
  readonly data: Buffer;
}
/** Commits in a line, newest first, and every object they brought: none before those that it stands on. */
export interface MadeCommits {
  readonly commits: readonly string[];
  readonly objects: readonly MadeObject[];
}

/**
 * Commits made here that are in memory only: most of those made in a race are never needed again, and those pushed are
 * written to disk when nobody waits for it.
 */
export class Unwritten {
  readonly #commits = new Map<string, { readonly parent: string; readonly objects: readonly MadeObject[] }>();
  /** With the number of commits that brought it: two may bring the same. */
  readonly #objects = new Map<string, { readonly object: MadeObject; count: number }>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }
  get(id: string): MadeObject | undefined {
    return this.#objects.get(id)?.object;
  }
  all(): MadeCommits {
    return this.#together([...this.#commits.keys()].reverse());
  }

  add(commit: string, parent: string, objects: readonly MadeObject[]): void {
    if (this.#commits.has(commit)) return;
    this.#commits.set(commit, { parent, objects });
    for (const object of objects) {
      const known = this.#objects.get(object.id);
      if (known !== undefined) known.count++;
      else {
        this.#objects.set(object.id, { object, count: 1 });
        this.#bytes += object.data.length;
      }
    }
  }

  /** The commits after `base` up to `commit`; undefined when one of them is not here. */
  between(base: string, commit: string): MadeCommits | undefined {
    const commits: string[] = [];
    for (let at = commit; at !== base; ) {
      const step = this.#commits.get(at);
      if (step === undefined) return undefined;
      commits.push(at);
      at = step.parent;
    }
    return this.#together(commits);
  }

  /** They are on disk now, or nobody needs them. */
  forget({ commits }: MadeCommits): void {
    for (const commit of commits) {
      const objects = this.#commits.get(commit)?.objects ?? [];
      this.#commits.delete(commit);
      for (const { id, data } of objects) {
        const known = this.#objects.get(id)!;
        if (--known.count > 0) continue;
        this.#objects.delete(id);
        this.#bytes -= data.length;
      }
    }
  }

  #together(commits: readonly string[]): MadeCommits {
    const objects = new Map<string, MadeObject>();
    for (const commit of commits.toReversed())
      for (const object of this.#commits.get(commit)!.objects) objects.set(object.id, object);
    return { commits, objects: [...objects.values()] };
  }
}
