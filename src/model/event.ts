import type { Actor } from "./source.ts";

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
  /** Address and request id of an API call, for the audit. */
  readonly request?: { readonly id: string; readonly address: string };
  readonly data?: unknown;
}
export type NewEvent = Omit<SluiceEvent, "seq" | "at"> & { readonly at?: number };
