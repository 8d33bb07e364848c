import { resolve } from "node:path";
import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import { duration, text, url } from "../arguments/parse.ts";
import type { CliContext } from "../context.ts";
import type { AgentStart } from "../starters.ts";
import { askedToStop } from "../stopping.ts";
import { readSecret } from "./server.ts";

interface Flags {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly environment?: string;
  readonly repository?: string;
  readonly branch: string;
  readonly path?: readonly string[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly data?: string;
  readonly poll?: number;
  readonly config?: string;
}
const defaultPoll = 30_000;

const optional = <T>(parse: (input: string) => T, placeholder: string, brief: string) =>
  ({ kind: "parsed", parse, placeholder, brief, optional: true }) as const;

/** `sluice agent`: runs the agent of one cluster until it is asked to stop. */
export const agentCommand = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Run an agent: makes Git real in one cluster and reports",
    fullDescription:
      "Runs the agent of one cluster. One environment can be given by flags, several by --config FILE:\n\n" +
      "  server: https://sluice.example.com\n  tokenFile: /etc/sluice/token\n  data: /var/lib/sluice-agent\n  environments:\n" +
      "    - name: stage-eu\n      git: { repository: https://git.example.com/shop/config.git, branch: main, paths: [clusters/stage-eu] }\n\n" +
      "A flag counts more than the file. Without --kubeconfig it uses KUBECONFIG, ~/.kube/config or the pod's own account.",
  },
  parameters: {
    flags: {
      server: optional(url, "URL", "Address of the Sluice server (or SLUICE_SERVER)"),
      tokenFile: optional(text, "FILE", "File with the agent's token (or SLUICE_AGENT_TOKEN)"),
      environment: optional(text, "NAME", "Environment it delivers to"),
      repository: optional(text, "URL", "Git repository it applies"),
      branch: { kind: "parsed", parse: text, placeholder: "NAME", default: "main", brief: "Branch it applies" },
      path: {
        kind: "parsed",
        parse: text,
        placeholder: "PATH",
        brief: "Path in the repository; may be repeated",
        optional: true,
        variadic: true,
      },
      kubeconfig: optional(text, "FILE", "How to reach the cluster"),
      context: optional(text, "NAME", "Context of the kubeconfig"),
      data: optional(text, "FOLDER", "Folder for its Git mirror"),
      poll: optional(duration, "TIME", "Time between Git fetches (30s)"),
      config: optional(text, "FILE", "YAML file with all of this, for several environments"),
    },
  },
  async func(flags) {
    const stop = askedToStop();
    const agent = await this.starters.startAgent(await readStart(flags, this));
    this.tell({ ready: true });
    await stop;
    await agent.stop();
  },
});

/** Flags, file and surroundings as one start; throws usage errors that name what is missing. */
export async function readStart(flags: Flags, context: Pick<CliContext, "cwd" | "env">): Promise<AgentStart> {
  const { readAgentFile } = await import("../arguments/agent-file.ts");
  const file = flags.config === undefined ? {} : readAgentFile(resolve(context.cwd, flags.config));
  const at = (path: string | undefined) => (path === undefined ? undefined : resolve(context.cwd, path));
  const kubeconfig = at(flags.kubeconfig) ?? file.kubeconfig;
  const inContext = flags.context ?? file.context;
  const tokenFile = at(flags.tokenFile) ?? file.tokenFile;
  const token = tokenFile === undefined ? context.env.SLUICE_AGENT_TOKEN : readSecret(tokenFile);
  return {
    server: needed(flags.server ?? file.server ?? context.env.SLUICE_SERVER, "--server URL"),
    token: needed(token, "--token-file FILE or SLUICE_AGENT_TOKEN"),
    environments: flags.environment === undefined ? needed(file.environments, "--environment NAME") : [oneOf(flags)],
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(inContext === undefined ? {} : { context: inContext }),
    data: needed(at(flags.data) ?? file.data, "--data FOLDER"),
    poll: flags.poll ?? file.poll ?? defaultPoll,
  };
}

function oneOf(flags: Flags): AgentStart["environments"][number] {
  return {
    name: needed(flags.environment, "--environment NAME"),
    git: {
      repository: needed(flags.repository, "--repository URL"),
      branch: flags.branch,
      paths: [...needed(flags.path?.length ? flags.path : undefined, "--path PATH")],
    },
  };
}

function needed<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new SluiceError("bad_request", `The agent needs ${what}.`, {
    help: "sluice agent --help lists what it takes.",
  });
}
