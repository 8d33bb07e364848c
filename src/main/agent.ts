import { join } from "node:path";
import { startAgent as start } from "../agent/agent.ts";
import { createMirrors } from "../git/mirrors.ts";
import { createKubernetesClient } from "../kubernetes/client.ts";
import { findClusterAccess } from "../kubernetes/config.ts";
import { parseYaml } from "../manifests/read.ts";
import type { GitLocation } from "../model/documents.ts";
import { systemClock } from "../model/ports/clock.ts";
import type { Log } from "../model/ports/log.ts";
import { version } from "./version.ts";

export interface AgentStartOptions {
  readonly server: string;
  readonly token: string;
  readonly environments: readonly { readonly name: string; readonly git: GitLocation }[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly data: string;
  readonly poll: number;
  readonly log: Log;
}

/** Puts an agent together and starts it. */
export function startAgent(options: AgentStartOptions): Promise<{ stop(): Promise<void> }> {
  const access = findClusterAccess((text) => parseYaml(text).documents[0], {
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
  return start({
    server: options.server,
    token: options.token,
    version,
    environments: options.environments,
    client: createKubernetesClient(access),
    mirrors: createMirrors(join(options.data, "git")),
    clock: systemClock,
    log: options.log,
    poll: options.poll,
  });
}
