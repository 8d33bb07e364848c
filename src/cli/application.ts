import { type Application, buildApplication, buildRouteMap, text_en } from "@stricli/core";
import { toSluiceError } from "../errors.ts";
import { abortCommand } from "./commands/abort.ts";
import { agentCommand } from "./commands/agent.ts";
import { completionCommand } from "./commands/completion.ts";
import { confirmPruneCommand } from "./commands/confirm-prune.ts";
import { demoRoutes } from "./commands/demo.ts";
import { eventsCommand } from "./commands/events.ts";
import { identityCommand } from "./commands/identity.ts";
import { listImagesCommand } from "./commands/list-images.ts";
import { listWorkloadsCommand } from "./commands/list-workloads.ts";
import { pipelinesCommand } from "./commands/pipelines.ts";
import { policyCommand } from "./commands/policy.ts";
import { automateCommand, deautomateCommand, lockCommand, unlockCommand } from "./commands/policy-switches.ts";
import { promoteCommand } from "./commands/promote.ts";
import { releaseCommand } from "./commands/release.ts";
import { releasesCommand } from "./commands/releases.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { saveCommand } from "./commands/save.ts";
import { serverCommand } from "./commands/server.ts";
import { syncCommand } from "./commands/sync.ts";
import { tokenRoutes } from "./commands/token.ts";
import { validateCommand } from "./commands/validate.ts";
import { versionCommand } from "./commands/version.ts";
import { whyCommand } from "./commands/why.ts";
import type { CliContext } from "./context.ts";
import { showProblem } from "./show/problem.ts";
import { showUsageProblem } from "./show/usage.ts";

const debug = () => process.env.SLUICE_DEBUG !== undefined && process.env.SLUICE_DEBUG !== "";

/** All commands, with our wording of errors and our exit codes. */
export function application(version: string): Application<CliContext> {
  const root = buildRouteMap<string, CliContext>({
    docs: {
      brief: "See which image runs where, and move releases through dev, stage and prod by writing to Git",
      fullDescription:
        "See which image runs where, and move releases through dev, stage and prod by writing to Git.\n\n" +
        "The server is found by --server, SLUICE_SERVER, or a trial running in this checkout; the token by --token or SLUICE_TOKEN.\n" +
        "Exit codes: 0 done, 1 failed, 2 usage, 3 refused by a rule, 4 waiting (with --wait), 5 server unreachable.",
    },
    routes: {
      demo: demoRoutes,
      server: serverCommand,
      agent: agentCommand,
      token: tokenRoutes,
      validate: validateCommand,
      "list-workloads": listWorkloadsCommand,
      "list-images": listImagesCommand,
      pipelines: pipelinesCommand,
      release: releaseCommand,
      promote: promoteCommand,
      rollback: rollbackCommand,
      abort: abortCommand,
      releases: releasesCommand,
      why: whyCommand,
      "confirm-prune": confirmPruneCommand,
      policy: policyCommand,
      automate: automateCommand,
      deautomate: deautomateCommand,
      lock: lockCommand,
      unlock: unlockCommand,
      sync: syncCommand,
      save: saveCommand,
      identity: identityCommand,
      events: eventsCommand,
      completion: completionCommand,
      version: versionCommand,
    },
    aliases: { "list-controllers": "list-workloads" },
  });
  return buildApplication(root, {
    name: "sluice",
    versionInfo: { currentVersion: version },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { onlyRequiredInUsageLine: true, caseStyle: "convert-camel-to-kebab", disableAnsiColor: true },
    determineExitCode: (thrown) => toSluiceError(thrown).exit,
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: (thrown) => showProblem(thrown, debug()),
        commandErrorResult: (error) => showProblem(error, debug()),
        exceptionWhileParsingArguments: showUsageProblem,
        noCommandRegisteredForInput: ({ input, corrections }) =>
          `sluice: there is no command "${input}"${corrections.length === 0 ? "" : `; did you mean ${corrections.join(" or ")}?`}\n  sluice --help lists the commands.`,
      },
    },
  });
}
