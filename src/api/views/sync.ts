import { SluiceError } from "../../errors.ts";
import type { SyncView } from "../../model/views.ts";
import { shownAddress } from "../address.ts";
import type { ApiContext } from "../context.ts";

/** A page of commits is enough to say that something is pending. */
const maxPending = 500;

/** Fetches an environment's branch and wishes that its agent applies it now; answers the head. Throws `git_failed`. */
export async function wishSync(context: ApiContext, name: string): Promise<string> {
  const environment = context.repositories.environment(name);
  const mirror = await context.repositories.mirrorOf(environment);
  await mirror.fetch();
  await context.repositories.takeUp();
  const head = await mirror.head(environment.git.branch);
  if (head === undefined)
    throw new SluiceError(
      "git_failed",
      `${shownAddress(environment.git.repository)} has no branch ${environment.git.branch}`,
    );
  context.hub.sync(name);
  return head;
}

/**
 * How far the agent is on the way to a commit of the environment's branch, whole or abbreviated. Throws `not_found` for
 * a commit that the branch does not have.
 */
export async function loadSync(context: ApiContext, name: string, text: string): Promise<SyncView> {
  const { repositories, hub } = context;
  const environment = repositories.environment(name);
  const mirror = await repositories.mirrorOf(environment);
  const ref = (await findRef()) ?? (await mirror.fetch().then(findRef));
  if (ref === undefined)
    throw new SluiceError(
      "not_found",
      `there is no commit "${text}" in ${environment.git.branch}, which ${name} applies`,
    );
  const { report, connected } = hub.state(name);
  const covers = async (commit: string | undefined) => commit !== undefined && (await mirror.isAncestor(ref, commit));
  const applied = report?.applied?.commit;
  const pending = (await covers(applied)) ? [] : await commitsAfter(applied, ref);
  return {
    ref,
    pending,
    tried: await covers(report?.attempted?.commit),
    ...(report?.attempted === undefined ? {} : { triedAt: report.attempted.at }),
    problems: report?.problems ?? [],
    connected,
  };

  async function findRef(): Promise<string | undefined> {
    const found = await mirror.resolve(text);
    return found !== undefined && (await repositories.has(name, found)) ? found : undefined;
  }
  /** Up to and with `ref`; an applied commit that this mirror does not have (the branch was rewritten) counts for nothing. */
  async function commitsAfter(applied: string | undefined, ref: string): Promise<string[]> {
    const known = applied !== undefined && (await mirror.resolve(applied)) !== undefined;
    const commits = await mirror.log(known ? applied : undefined, ref, { limit: maxPending });
    return commits.map(({ commit }) => commit);
  }
}
