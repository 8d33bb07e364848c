/** What the world's process tells the bench. Times are ms since 1970 on the one clock of this machine. */
export type WorldMessage =
  | {
      readonly type: "ready";
      readonly registry: string;
      readonly git: string;
      readonly clusters: readonly { readonly name: string; readonly url: string; readonly kubeconfig: object }[];
    }
  | { readonly type: "pushed"; readonly repository: string; readonly at: number };

/** What an agent's process is told to be. */
export interface AgentOrder {
  readonly server: string;
  readonly token: string;
  readonly environment: string;
  readonly repository: string;
  readonly kubeconfig: string;
  readonly data: string;
}
