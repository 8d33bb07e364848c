import { SluiceError } from "../errors.ts";
import type { GitLocation } from "../model/documents.ts";
import type { Clock } from "../model/ports/clock.ts";
import type { GitMirrors } from "../model/ports/git.ts";
import type { KubernetesClient } from "../model/ports/kubernetes.ts";
import type { Log } from "../model/ports/log.ts";
import { EnvironmentLoop } from "./environment.ts";
import { Link } from "./link.ts";

/** An agent's own configuration: what it reads and where it reports. The server can change none of it. */
export interface AgentOptions {
  readonly server: string;
  readonly token: string;
  readonly version: string;
  readonly environments: readonly { readonly name: string; readonly git: GitLocation }[];
  readonly client: KubernetesClient;
  readonly mirrors: GitMirrors;
  readonly clock: Clock;
  readonly log: Log;
  readonly poll: number;
}

/** Runs the loop of every environment of this cluster and one link to the server. Answers how to stop. */
export async function startAgent(options: AgentOptions): Promise<{ stop(): Promise<void> }> {
  const loops = new Map<string, EnvironmentLoop>();
  const link = new Link({
    server: options.server,
    token: options.token,
    version: options.version,
    environments: options.environments.map((entry) => entry.name),
    log: options.log,
    onSync: (name) => loops.get(name)?.sync(),
    onSettings: (name, settings, images) => loops.get(name)?.settle(settings, images),
    onResend: (name) => loops.get(name)?.reportNow(),
    onExport: async (name) => {
      const loop = loops.get(name);
      if (loop === undefined) throw new SluiceError("not_found", `this agent has no environment "${name}"`);
      return loop.export();
    },
  });
  for (const { name, git } of options.environments)
    loops.set(
      name,
      new EnvironmentLoop({
        environment: name,
        git,
        mirror: await options.mirrors.open(git.repository),
        client: options.client,
        clock: options.clock,
        log: options.log,
        poll: options.poll,
        report: (report) => link.report(report),
      }),
    );
  link.start();
  for (const loop of loops.values()) loop.start();
  return {
    async stop() {
      link.stop();
      const ended = Promise.all([...loops.values()].map((loop) => loop.stop()));
      options.mirrors.abandon();
      await ended;
      await options.mirrors.close();
      await options.client.close();
    },
  };
}
