import { buildCommand } from "@stricli/core";
import { SluiceError } from "../../errors.ts";
import type { FluxGitConfig } from "../../model/flux.ts";
import type { ObjectProblem } from "../../model/report.ts";
import type { SyncView } from "../../model/views.ts";
import type { Client } from "../client.ts";
import {
  type ConnectionFlags,
  connectFlux,
  connectionFlags,
  type EnvironmentFlags,
  environmentAliases,
  environmentFlags,
  neededEnvironment,
} from "../connection.ts";
import { type CliContext, exitCodes } from "../context.ts";
import { deadlineOf, poll, type TimeoutFlags, timeoutFlags } from "../flux/await.ts";
import { notesOf, placeOf } from "../show/notes.ts";

interface Flags extends ConnectionFlags, EnvironmentFlags, TimeoutFlags {}

/** `sluice sync`: has the head of Git applied now, and says what could not be. */
export const syncCommand = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Apply the head of an environment's Git now",
    fullDescription:
      "Waits until the agent has applied it. What could not be applied is listed with the reason, and the exit code is 1.",
  },
  parameters: {
    flags: { ...environmentFlags, ...timeoutFlags, ...connectionFlags },
    aliases: environmentAliases,
  },
  async func(flags) {
    const environment = neededEnvironment(flags, this);
    const { client, flux } = connectFlux(flags, this, environment);
    const git = await flux.gitConfig(false);
    checkGit(git);
    this.err.write(`Synchronizing with ${git.remote.url}\n`);
    const before = await attemptedAt(client, environment);
    const { commit } = await client.sync(environment);
    this.err.write(`Revision of ${git.remote.branch} to apply is ${commit.slice(0, 7)}\n`);
    this.err.write(`Waiting for ${commit.slice(0, 7)} to be applied ...\n`);
    let last: SyncView | undefined;
    const ended = await poll(this, deadlineOf(flags, this), async () => {
      last = await client.synced(environment, commit);
      if (last.problems.length === 0) return last.pending.length === 0 ? last : undefined;
      // What failed before we asked may be mended by now: only a new attempt counts.
      return last.tried && (await attemptedAt(client, environment)) !== before ? last : undefined;
    });
    if (ended !== undefined && ended.problems.length === 0) return this.err.write("Done.\n");
    tellProblems(this, last?.problems ?? []);
    if (ended !== undefined) return this.finish(exitCodes.failed);
    this.err.write(`We timed out waiting for ${commit.slice(0, 7)} to be applied; the agent goes on without you.\n`);
    for (const note of notesOf(await client.matrix(), environment)) this.err.write(`${note}\n`);
    this.finish(exitCodes.waiting);
  },
});

function checkGit({ status, errors, remote }: FluxGitConfig): void {
  if (status === "ready") return;
  const more = errors === "" ? {} : { help: errors };
  if (status === "unconfigured") throw new SluiceError("conflict", "no git repository is configured", more);
  if (status === "unreachable")
    throw new SluiceError("git_failed", `can not connect to git repository with URL ${remote.url}`, more);
  throw new SluiceError("conflict", `git repository ${remote.url} is not ready to sync`, more);
}

async function attemptedAt(client: Client, environment: string): Promise<number | undefined> {
  const { environments } = await client.matrix();
  return environments.find(({ name }) => name === environment)?.attempted?.at;
}

function tellProblems(context: CliContext, problems: readonly ObjectProblem[]): void {
  if (problems.length === 0) return;
  context.err.write(`${problems.length === 1 ? "One thing" : `${problems.length} things`} could not be applied:\n`);
  for (const problem of problems) context.err.write(`  ${placeOf(problem)}${problem.message}\n`);
}
