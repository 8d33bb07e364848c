import type { Actor } from "./source.ts";

/** An API call: its id, which the caller is told, and the address it came from. */
export interface CallOrigin {
  readonly id: string;
  readonly address: string;
}

/** What happened, append-only. `seq` is the place in commit order and the stream's Last-Event-ID. */
export interface SluiceEvent {
  readonly seq: number;
  readonly at: number;
  /** `release.pushed`, `workload.verdict`, `agent.away`, `config.problem`, ... */
  readonly type: string;
  readonly actor: Actor;
  /** One sentence for people. */
  readonly text: string;
  readonly environment?: string;
  readonly promotion?: string;
  readonly release?: string;
  readonly workload?: string;
  readonly pipeline?: string;
  readonly commit?: string;
  /** The API call it came by, for the audit. */
  readonly request?: CallOrigin;
  readonly data?: unknown;
}
export type NewEvent = Omit<SluiceEvent, "seq" | "at"> & { readonly at?: number };
