/** A condition on a release entering a stage, with its evidence. Anything outside may post one (DESIGN 5.6). */
export interface GateResult {
  readonly gate: string;
  readonly state: "open" | "waiting" | "refused" | "error";
  /** A sentence for people. */
  readonly reason: string;
  readonly evidence: readonly { readonly label: string; readonly text?: string; readonly url?: string }[];
  /** When it will open by itself, in ms. */
  readonly until?: number;
  /** Who can open it. */
  readonly who?: string;
}
