import type { Identity } from "../identity.ts";

/** A file of a commit's tree. */
export interface TreeEntry {
  readonly path: string;
  readonly blob: string;
  readonly mode: string;
}
/** What stands at one name of a folder: a file by the id of its blob, or a folder by the id of its tree. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly id: string;
}
export interface CommitInfo {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly author: string;
  /** Committer time in ms. */
  readonly at: number;
  readonly subject: string;
  readonly body: string;
}
export interface NewCommit {
  readonly parent: string;
  /** New contents by path; null removes the file. Nothing else of the tree changes. */
  readonly files: ReadonlyMap<string, string | null>;
  readonly message: string;
  readonly author: Identity;
  readonly at: number;
}
export type PushResult = { readonly pushed: true } | { readonly pushed: false; readonly reason: "lost race" };

/** A bare mirror of one repository on this machine: reads of any commit, writes without a checkout. */
export interface GitMirror {
  readonly url: string;
  /** Brings branches up to date; one fetch serves everybody who waits. Throws `git_failed`. */
  fetch(): Promise<void>;
  /** Commit a branch stood at after the last fetch; undefined when there is no such branch. */
  head(branch: string): Promise<string | undefined>;
  /** Files below the given paths (files or folders); `["."]` means all. Symlinks and submodules are left out. */
  files(commit: string, paths: readonly string[]): Promise<readonly TreeEntry[]>;
  /** The file or folder at a path of a commit; undefined where there is none, as for symlinks and submodules. */
  entry(commit: string, path: string): Promise<FolderEntry | undefined>;
  /** The files and folders directly in a folder, by its id, in Git's order. The same id always answers the same. */
  folder(id: string): Promise<readonly FolderEntry[]>;
  /** Contents of a blob as UTF-8 text; throws `too_large` past the bound, `invalid_manifest` where it is none. */
  read(blob: string): Promise<string>;
  /**
   * Commits reachable from `to` and not from `from`, newest first; with `paths` only those that touch them, with
   * `containing` only those whose message has one of the texts.
   */
  log(
    from: string | undefined,
    to: string,
    options?: { limit?: number; paths?: readonly string[]; containing?: readonly string[] },
  ): Promise<readonly CommitInfo[]>;
  /** The whole id of a commit by its first characters, four at least; undefined where none or several begin so. */
  resolve(abbreviated: string): Promise<string | undefined>;
  /** Whether `ancestor` is `commit` or before it. */
  isAncestor(ancestor: string, commit: string): Promise<boolean>;
  /**
   * Makes a commit, signed where a key is given, and answers its id; no branch moves. It can be read and built upon at
   * once, and is gone with this process unless it is pushed.
   */
  commit(commit: NewCommit): Promise<string>;
  /**
   * Moves the remote branch from `expected` to `commit`, or tells that somebody was faster. Undefined stands for a branch
   * that is not there: it is made, or deleted. Throws `git_failed`: with the fact `isRefused` when the Git host does not want it, in its
   * own words.
   */
  push(branch: string, commit: string | undefined, expected: string | undefined): Promise<PushResult>;
  close(): Promise<void>;
}

/** Gives the one mirror of a repository. */
export interface GitMirrors {
  open(url: string): Promise<GitMirror>;
  /**
   * Ends fetches under way and refuses later ones, with the fact `abandoned`, and some seconds later pushes: call it
   * before waiting for those who use the mirrors.
   */
  abandon(): void;
  close(): Promise<void>;
}
