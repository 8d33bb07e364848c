import type { NewEvent } from "../model/event.ts";
import type { EnvironmentReport, WorkloadReport } from "../model/report.ts";
import type { Actor } from "../model/source.ts";
import { isGood } from "../model/verdict.ts";

/** What somebody did in the cluster; a difference without a field is the object itself. */
function driftText(id: string, environment: string, drift: WorkloadReport["drift"]): string {
  if (drift.some(({ field }) => field === "")) return `${id} was deleted in ${environment} by hand`;
  const fields = drift.slice(0, 3).map(({ field, git, live }) => `${field} is ${live} instead of ${git}`);
  return `${id} was changed in ${environment} by hand: ${fields.join(", ")}`;
}

export function agentOf(environment: string): Actor {
  return { name: `agent of ${environment}`, kind: "agent" };
}

/**
 * What a report says that the one before did not: a workload failed, is healthy again, drifted or was mended. One event
 * for each change, however often it is reported; `failed` remembers what was told and is brought up to date.
 */
export function verdictEvents(
  known: { readonly report: EnvironmentReport | undefined; readonly failed: Set<string> },
  report: EnvironmentReport,
): NewEvent[] {
  const { environment } = report;
  const before = new Map(known.report?.workloads.map((entry) => [entry.id, entry]));
  const events: NewEvent[] = [];
  const tell = (workload: string, type: string, text: string) =>
    events.push({ type, actor: agentOf(environment), environment, workload, text });
  for (const { id, verdict, drift } of report.workloads) {
    if (verdict.state === "failed" && !known.failed.has(id)) {
      known.failed.add(id);
      tell(id, "workload.failed", `${id} failed in ${environment}: ${verdict.message}`);
    } else if (isGood(verdict) && known.failed.delete(id))
      tell(id, "workload.healthy", `${id} is ${verdict.state} again in ${environment}`);
    const drifted = (before.get(id)?.drift.length ?? 0) > 0;
    if (drift.length > 0 && !drifted) tell(id, "workload.drifted", driftText(id, environment, drift));
    if (drift.length === 0 && drifted) tell(id, "workload.mended", `${id} is as Git says again in ${environment}`);
  }
  const there = new Set(report.workloads.map((entry) => entry.id));
  for (const id of known.failed) if (!there.has(id)) known.failed.delete(id);
  return events;
}
