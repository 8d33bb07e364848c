import type { GitLocation } from "../model/documents.ts";
import type { Store, TokenRecord } from "../model/ports/store.ts";

/** Something that runs until it is stopped. */
interface Running {
  stop(): Promise<void>;
}
export interface ServerStart {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly configuration:
    | { readonly kind: "git"; readonly repository: string; readonly branch: string; readonly path: string }
    | { readonly kind: "folder"; readonly folder: string };
  /** Milliseconds between Git fetches. */
  readonly gitPoll: number;
  readonly trial?: { readonly control: string };
  readonly hookSecret?: string;
}
export interface AgentStart {
  readonly server: string;
  readonly token: string;
  readonly environments: readonly { readonly name: string; readonly git: GitLocation }[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly data: string;
  /** Milliseconds between Git fetches. */
  readonly poll: number;
}
interface DemoStart {
  readonly port?: number;
  readonly dir?: string;
  readonly from?: string;
}

/** What `main` gives the command line, so that commands start things they do not know how to build. */
export interface Starters {
  readonly version: string;
  startServer(options: ServerStart): Promise<Running & { readonly url: string; readonly ready: Promise<void> }>;
  startAgent(options: AgentStart): Promise<Running>;
  /** `done` resolves with the exit code when the trial world has ended. */
  startDemo(options: DemoStart): Promise<{ readonly url: string; readonly done: Promise<number> }>;
  /** Opens the store of a server's data folder. */
  openStore(data: string): Promise<Store>;
  /** Makes a token; its text is nowhere kept. */
  newToken(
    name: string,
    kind: TokenRecord["kind"],
    environments: readonly string[],
  ): Promise<{ readonly token: string; readonly record: TokenRecord }>;
}
