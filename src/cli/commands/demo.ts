import { resolve } from "node:path";
import { buildCommand, buildRouteMap } from "@stricli/core";
import { named } from "../arguments/flags.ts";
import { portNumber, text } from "../arguments/parse.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { showAnswer } from "../show/answer.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";

interface RunFlags {
  readonly port?: number;
  readonly dir?: string;
  readonly from?: string;
}
const run = buildCommand<RunFlags, [], CliContext>({
  docs: {
    brief: "Start the trial world",
    fullDescription:
      "Starts five clusters, a registry, a Git server and Sluice on this machine, on loopback only, and prints the page's address.\n" +
      "While it runs, the other commands find it without flags. Ctrl-C ends everything.",
  },
  parameters: {
    flags: {
      port: { kind: "parsed", parse: portNumber, placeholder: "N", optional: true, brief: "Port of the page" },
      dir: named("FOLDER", "Keep the world's state here"),
      from: named("FOLDER", "Kubernetes manifests to deliver instead of the sample shop"),
    },
  },
  async func({ port, dir, from }) {
    const demo = await this.starters.startDemo({
      ...(port === undefined ? {} : { port }),
      ...(dir === undefined ? {} : { dir: resolve(this.cwd, dir) }),
      ...(from === undefined ? {} : { from: resolve(this.cwd, from) }),
    });
    this.tell({ ready: demo.url });
    this.finish(await demo.done);
  },
});

type TrialFlags = ConnectionFlags & OutputFlags;
const trialFlags = { ...outputFlags, ...connectionFlags };

/** Does something in the trial world and says what it answered. */
async function act(context: CliContext, flags: TrialFlags, action: string, body: object | undefined): Promise<void> {
  const answer = await connect(flags, context).trial(action, body);
  await print(context, flags.output, answer, { table: showAnswer, names: () => [action] });
}

const kinds = ["good", "pull-error", "crash", "crash-later", "never-ready"] as const;
const build = buildCommand<TrialFlags & { readonly kind: (typeof kinds)[number] }, [string], CliContext>({
  docs: { brief: "Build and push a new version of a service, working or broken" },
  parameters: {
    flags: {
      kind: { kind: "enum", values: kinds, default: "good", brief: "How the new version behaves" },
      ...trialFlags,
    },
    positional: { kind: "tuple", parameters: [{ parse: text, placeholder: "SERVICE", brief: "Service to build" }] },
    aliases: outputAliases,
  },
  func(flags, service) {
    return act(this, flags, "build", { service, kind: flags.kind });
  },
});

const whats = ["replicas", "image", "delete"] as const;
const change = buildCommand<TrialFlags & { readonly what: (typeof whats)[number] }, [string, string], CliContext>({
  docs: { brief: "Change something in a cluster by hand, past Git" },
  parameters: {
    flags: { what: { kind: "enum", values: whats, default: "replicas", brief: "What to change" }, ...trialFlags },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: text, placeholder: "ENVIRONMENT", brief: "Where" },
        { parse: text, placeholder: "WORKLOAD", brief: "Which workload" },
      ],
    },
    aliases: outputAliases,
  },
  func(flags, environment, workload) {
    return act(this, flags, "change", { environment, workload, what: flags.what });
  },
});

const ofAgent = (action: "stop-agent" | "start-agent", brief: string) =>
  buildCommand<TrialFlags, [string], CliContext>({
    docs: { brief },
    parameters: {
      flags: trialFlags,
      positional: {
        kind: "tuple",
        parameters: [{ parse: text, placeholder: "ENVIRONMENT", brief: "Whose agent" }],
      },
      aliases: outputAliases,
    },
    func(flags, environment) {
      return act(this, flags, action, { environment });
    },
  });

const state = buildCommand<TrialFlags, [], CliContext>({
  docs: { brief: "Show what the trial world is made of" },
  parameters: { flags: trialFlags, aliases: outputAliases },
  func(flags) {
    return act(this, flags, "state", undefined);
  },
});

/** `sluice demo`: starts the trial world; its other commands act in the one that runs. */
export const demoRoutes = buildRouteMap({
  docs: { brief: "Start the trial world, or do something in the one that runs" },
  defaultCommand: "run",
  routes: {
    run,
    build,
    change,
    "stop-agent": ofAgent("stop-agent", "Stop an environment's agent"),
    "start-agent": ofAgent("start-agent", "Start it again"),
    state,
  },
});
