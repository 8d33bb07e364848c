import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { settled } from "../demo/seen.ts";
import { type StartedTrial, startTrial, stopTrial } from "../demo/trial.ts";
import { git, temporaryFolder } from "../support/repository.ts";
import { runSluice } from "../unit/cli/process.ts";
import { Fluxctl, type Ran, type Typed } from "./fluxctl.ts";

/** The trial's shop, healthy everywhere, with somebody in front of it who has fluxctl and the namespace `shop`. */
export interface FluxShop {
  readonly trial: StartedTrial;
  /** A folder for what commands write. */
  readonly folder: string;
  /** Runs fluxctl against an environment. */
  fluxctl(environment: string, ...args: string[]): Promise<Ran>;
  /** The same in a terminal. */
  type(environment: string, args: readonly string[], typed: readonly Typed[]): Promise<Ran>;
  sluice(...args: string[]): Promise<Ran>;
  /** The newest commit on Git's branch. */
  newest(): Newest;
  /** A file at the branch's head. */
  file(path: string): string;
  stop(): Promise<void>;
}

export interface Newest {
  readonly commit: string;
  readonly author: string;
  readonly committer: string;
  readonly message: string;
  readonly signed: boolean;
}

const kubeconfig = `apiVersion: v1
kind: Config
current-context: shop
contexts: [{ name: shop, context: { cluster: shop, user: "", namespace: shop } }]
clusters: [{ name: shop, cluster: { server: "http://127.0.0.1:1" } }]
`;

export async function startFluxShop(): Promise<FluxShop> {
  const folder = temporaryFolder();
  const state = join(folder.path, "state");
  const program = join(import.meta.dirname, "../../bin/sluice.mjs");
  const trial = await startTrial(folder.path, process.execPath, [program, "demo", "--port", "0", "--dir", state]);
  const stop = async () => {
    await stopTrial(trial);
    folder.remove();
  };
  try {
    await settled(trial);
  } catch (error) {
    await stop();
    throw error;
  }
  writeFileSync(join(folder.path, "kubeconfig"), kubeconfig);
  const fluxctl = new Fluxctl(trial.url, folder.path, { name: "Ada", email: "ada@example.org" });
  const bare = join(state, "world/git/trial/config.git");
  return {
    trial,
    folder: folder.path,
    fluxctl: (environment, ...args) => fluxctl.run([...fluxctl.at(environment), ...args]),
    type: (environment, args, typed) => fluxctl.type([...fluxctl.at(environment), ...args], typed),
    sluice: (...args) => runSluice(args, { SLUICE_SERVER: trial.url, NO_COLOR: "1" }),
    newest() {
      const format = "--format=%an <%ae>%x00%cn <%ce>%x00%H%x00%B";
      const [author, committer, commit, message] = git(bare, "log", "-1", format, "main").split("\0");
      const signed = /^gpgsig -----BEGIN SSH SIGNATURE-----$/m.test(git(bare, "cat-file", "commit", "main"));
      return { author: author!, committer: committer!, commit: commit!, message: message!, signed };
    },
    file: (path) => git(bare, "show", `main:${path}`),
    stop,
  };
}
