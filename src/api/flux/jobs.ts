import { createHash, randomBytes } from "node:crypto";
import { SluiceError } from "../../errors.ts";
import type { FluxJob, FluxResult, FluxWorkloadResult } from "../../model/flux.ts";
import type { PolicyChange, PolicyOutcome } from "../../model/policy.ts";
import { commitOf, hasEnded, type Release, type ReleaseChange } from "../../model/release.ts";
import type { ApiContext } from "../context.ts";

/**
 * Jobs are what fluxctl asks about after it posted an update. Nothing runs for them: their ids name what is kept anyway
 * (`r-7f3k` a release, `c-7f3k` a policy change, `sync-<commit>`), so any replica can answer, also after a restart.
 * Dry runs and updates that had nothing to do are kept by themselves (`j-...`), the newest of them.
 */
const slots = 512;

/** Keeps the answer of an update that has nothing else to stand for it; answers its job's id. */
export async function keepJob(context: ApiContext, job: FluxJob): Promise<string> {
  const id = `j-${randomBytes(6).toString("hex")}`;
  await keepAs(context, id, job);
  return id;
}

/** Keeps what was said of workloads that a release leaves alone: its row names only what changes. */
export async function keepResult(context: ApiContext, promotion: string, result: FluxResult): Promise<void> {
  await keepAs(context, promotion, { Result: { result }, Err: "", StatusString: "queued" });
}

/** A job by its id, in one environment. Throws `not_found`. */
export async function jobOf(context: ApiContext, environment: string, id: string): Promise<FluxJob> {
  const commit = /^sync-([0-9a-f]{40,64})$/.exec(id)?.[1];
  if (commit !== undefined) return { Result: { revision: commit }, Err: "", StatusString: "succeeded" };
  if (id.startsWith("r-")) {
    const release = await context.store.promotions.release(`${id}/${environment}`);
    if (release !== undefined) return releaseJob(release, (await kept(context, id))?.Result?.result);
  }
  if (id.startsWith("c-")) {
    const change = await context.store.changes.get(id);
    if (change?.environment === environment) return changeJob(change);
  }
  const found = id.startsWith("j-") ? await kept(context, id) : undefined;
  if (found !== undefined) return found;
  throw new SluiceError("not_found", `There is no job "${id.slice(0, 100)}" in ${environment}.`, {
    help: "Jobs of dry runs are kept for a while only; `sluice releases` shows what was released.",
  });
}

async function keepAs(context: ApiContext, id: string, job: FluxJob): Promise<void> {
  await context.store.values.put(slotOf(id), JSON.stringify({ id, job }));
}
async function kept(context: ApiContext, id: string): Promise<FluxJob | undefined> {
  const text = await context.store.values.get(slotOf(id));
  const value = text === undefined ? undefined : (JSON.parse(text) as { id: string; job: FluxJob });
  return value?.id === id ? value.job : undefined;
}
/** So many rows are kept at most: a newer job takes an older one's. */
function slotOf(id: string): string {
  return `flux job ${createHash("sha256").update(id).digest().readUInt16BE(0) % slots}`;
}

/** A release as a job: done when its commit is pushed. `others` is what was said of the workloads it leaves alone. */
export function releaseJob(release: Release, others: FluxResult | undefined): FluxJob {
  const { state } = release;
  const result = { ...others, ...resultOf(release.changes) };
  const revision = commitOf(state);
  const Result = { ...(revision === undefined ? {} : { revision }), result };
  if (hasEnded(state) && "reason" in state && state.end !== "nothing to do") {
    if (revision === undefined || state.end === "failed") return { Result, Err: state.reason, StatusString: "failed" };
    return { Result, Err: "", StatusString: "succeeded" };
  }
  if (hasEnded(state) || revision !== undefined) return { Result, Err: "", StatusString: "succeeded" };
  return { Result, Err: "", StatusString: state.step === "writing" ? "running" : "queued" };
}

function resultOf(changes: readonly ReleaseChange[]): FluxResult {
  const byWorkload = Map.groupBy(changes, (change) => change.workload);
  return Object.fromEntries([...byWorkload].map(([workload, own]) => [workload, workloadResult(own)]));
}

function workloadResult(changes: readonly ReleaseChange[]): FluxWorkloadResult {
  const reasons = changes.flatMap(({ outcome }) =>
    outcome.kind === "failed" && outcome.unwritten === true ? [outcome.reason] : [],
  );
  const moved = changes.filter(
    ({ outcome }) => outcome.kind !== "same" && !(outcome.kind === "failed" && outcome.unwritten === true),
  );
  const updates = moved.map(({ container, from, to }) => ({ Container: container, Current: from, Target: to }));
  if (reasons.length > 0) return { Status: "failed", Error: reasons.join("; "), PerContainer: updates };
  if (updates.length === 0) return { Status: "skipped", Error: "image(s) up to date", PerContainer: null };
  return { Status: "success", PerContainer: updates };
}

/** A policy change as a job: done when its commit is pushed, or when Git says so already. */
export function changeJob({ state }: PolicyChange): FluxJob {
  if (!("end" in state)) return { Err: "", StatusString: state.step === "queued" ? "queued" : "running" };
  const result = Object.fromEntries(state.outcomes.map((outcome) => [outcome.workload, policyResult(outcome)]));
  if (state.end === "failed") return { Result: { result }, Err: state.reason, StatusString: "failed" };
  const revision = state.end === "succeeded" ? { revision: state.commit } : {};
  return { Result: { ...revision, result }, Err: "", StatusString: "succeeded" };
}

function policyResult({ status, text }: PolicyOutcome): FluxWorkloadResult {
  return { Status: status, ...(text === undefined ? {} : { Error: text }), PerContainer: null };
}
