/** What the outside world's process tells the bench. Times are ms since 1970 on the one clock of this machine. */
export type OutsideMessage =
  | { readonly type: "ready"; readonly git: string; readonly registry: string }
  | { readonly type: "pushed"; readonly repository: string; readonly at: number };

/** What the person's process tells once every push has landed. */
export interface HandMessage {
  readonly commits: readonly string[];
  readonly lostRaces: number;
  readonly at: number;
}
