import { personGate } from "../../gates/person/gate.ts";
import type { Stage } from "../../model/documents.ts";
import { showDuration } from "../../model/duration.ts";
import { showVersion } from "../../model/image.ts";
import type { PlanItem } from "../../model/plan.ts";
import type { Promotion, Release, ReleaseChange } from "../../model/release.ts";
import { hasEnded } from "../../model/release.ts";
import type { WorkloadReport } from "../../model/report.ts";
import type { Source } from "../../model/source.ts";
import { showPlace } from "../../model/source.ts";
import type { Evidence, Verdict } from "../../model/verdict.ts";
import type { Why } from "../../model/views.ts";
import { containerKey, type Workload } from "../../model/workload.ts";
import { wasWritten } from "../../pipelines/step.ts";
import { lockText } from "../../planning/lockText.ts";
import { shortName } from "../../planning/message.ts";

/** What is wrong with the version an environment has now. */
export interface FailedVersion {
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  /** The release that brought it, where it was one of ours and can be taken back. */
  readonly release: string | undefined;
}

/**
 * Whether the version a container has in an environment failed: the live verdict says so, or there is none and the
 * release that brought it ended so. `releases` are the environment's, newest first.
 */
export function failureOf(
  item: PlanItem,
  live: WorkloadReport | undefined,
  releases: readonly Release[],
): FailedVersion | undefined {
  const brought = releases.find((release) => changeOf(release, item) !== undefined);
  const image = live?.containers.find(({ container }) => container === item.container)?.image;
  if (live !== undefined && image === item.from) {
    const { state, message, evidence } = live.verdict;
    return state === "failed" ? { reason: message, evidence, release: brought?.promotion } : undefined;
  }
  const outcome = brought && changeOf(brought, item)?.outcome;
  if (brought === undefined || outcome?.kind !== "failed") return undefined;
  const evidence = "end" in brought.state && brought.state.end === "failed" ? brought.state.evidence : [];
  return { reason: outcome.reason, evidence, release: brought.promotion };
}

/** What a release did to bring a container to the version it has now; undefined when it was not this release. */
function changeOf(release: Release, item: PlanItem): ReleaseChange | undefined {
  return release.changes.find(
    (change) => containerKey(change) === containerKey(item) && change.to === item.from && wasWritten(change),
  );
}

/** A failure comes first: with it, nothing else about the container is as it should be. */
function whyFailed(item: PlanItem, failed: FailedVersion, otherwise: Why): Why {
  const version = item.fromVersion === undefined ? item.from : showVersion(item.fromVersion);
  const fix = "push a fix: the next version goes out as usual";
  const more = item.status === "same" ? "" : `; ${otherwise.text}`;
  return {
    text: `${version} failed: ${failed.reason}${more}`,
    evidence: [...shownEvidence(failed.evidence), ...otherwise.evidence],
    next: failed.release === undefined ? fix : `roll it back: sluice rollback ${failed.release}, or ${fix}`,
    ...(otherwise.who === undefined ? {} : { who: otherwise.who }),
  };
}

function shownEvidence(evidence: readonly Evidence[]): Why["evidence"] {
  return evidence.map((entry) => ({ label: entry.object, text: `${entry.reason}: ${entry.message}` }));
}

/** Why one container of a stage's environment stays as it is, or what will happen to it. */
export function whyItem(
  item: PlanItem,
  stage: Pick<Stage, "name" | "promote"> | undefined,
  source: Source,
  underWay: string | undefined,
  failed: FailedVersion | undefined,
  workload: Workload | undefined,
): Why {
  if (underWay !== undefined)
    return { text: `${underWay} is changing it now`, evidence: [], next: `watch it: sluice releases ${underWay}` };
  const why = whyPlanned(item, stage, source, workload);
  return failed === undefined ? why : whyFailed(item, failed, why);
}

function whyPlanned(
  item: PlanItem,
  stage: Pick<Stage, "name" | "promote"> | undefined,
  source: Source,
  workload: Workload | undefined,
): Why {
  const to = item.toVersion === undefined ? "" : showVersion(item.toVersion);
  if (item.status === "same") {
    const passedOver = item.note === undefined ? "" : `; ${item.note}`;
    const text = `it has the newest version that ${source.kind === "registry" ? "the registry" : showPlace(source)} offers${passedOver}`;
    const locked = workload?.policy.locked;
    if (workload === undefined || locked === undefined) return { text, evidence: [] };
    // A lock shows before it is in somebody's way.
    const who = locked.by ?? "whoever may unlock it";
    return { text: `${text}; it is ${lockText(workload)}`, evidence: [], who };
  }
  if (item.status !== "change")
    return { text: item.text ?? item.status, evidence: [], ...(item.who === undefined ? {} : { who: item.who }) };
  if (stage === undefined || stage.promote === "automatic") return { text: `${to} moves by itself now`, evidence: [] };
  const gate = personGate(stage, [item]);
  return {
    text: `${to} waits for a person: ${gate.reason}`,
    evidence: [{ label: "verified", text: `${to} in ${showPlace(source)}` }],
    who: gate.who ?? "",
    next: `sluice promote ${shortName(item)} --to ${stage.name}`,
  };
}

/** Why a promotion is not finished, or how it ended. */
export function whyPromotion(
  promotion: Promotion,
  releases: readonly Release[],
  verdictOf: (environment: string, workload: string) => Verdict | undefined,
  awaySince: (environment: string) => number | undefined,
  now: number,
): Why | undefined {
  const failed = releases.find((release) => "end" in release.state && release.state.end === "failed");
  if (failed !== undefined && "end" in failed.state && failed.state.end === "failed")
    return {
      text: `${failed.environment}: ${failed.state.reason}`,
      evidence: shownEvidence(failed.state.evidence),
      ...(promotion.state === "rolled back"
        ? {}
        : { next: "roll it back, or push a fix: the next version goes out as usual", who: "you" }),
    };
  const open =
    releases.find(
      (release) => !hasEnded(release.state) && "step" in release.state && release.state.step !== "queued",
    ) ?? releases.find((release) => !hasEnded(release.state));
  if (open === undefined || !("step" in open.state)) return undefined;
  const away = awaySince(open.environment);
  if (open.state.step === "syncing" && away !== undefined)
    return {
      text: `the agent of ${open.environment} is away for ${showDuration(now - away)}, so nobody applies the commit`,
      evidence: [],
      next: "it catches up by itself when it is back",
      who: "whoever runs that agent",
    };
  return openWhy(open, verdictOf);
}

function openWhy(release: Release, verdictOf: (environment: string, workload: string) => Verdict | undefined): Why {
  if (!("step" in release.state)) return { text: release.state.end, evidence: [] };
  if (release.state.step === "queued")
    return { text: `${release.environment} waits for its turn after ${release.state.behind}`, evidence: [] };
  if (release.state.step === "in review")
    return {
      text: `${release.environment} waits for its review: commit ${release.state.commit.slice(0, 7)} is on ${release.state.branch}`,
      evidence: [],
      next: "merge that branch, or delete it to turn the release down",
      who: "whoever may merge it",
    };
  if (release.state.step === "syncing")
    return {
      text: `the agent of ${release.environment} has not applied ${release.state.commit.slice(0, 7)} yet`,
      evidence: [],
    };
  // Until the commit is applied, verdicts tell of the version that is to go.
  if (release.state.step !== "rolling out" && release.state.step !== "verifying")
    return { text: `${release.environment} is ${release.state.step}`, evidence: [] };
  for (const change of release.changes) {
    const verdict = verdictOf(release.environment, change.workload);
    if (verdict === undefined || change.outcome.kind === "verified" || change.outcome.kind === "superseded") continue;
    const evidence = shownEvidence(verdict.evidence);
    const until = verdict.evidence.length > 0 ? verdict.failsAt : verdict.settlesAt;
    const next =
      verdict.evidence.length > 0
        ? "counts as failed when it does not clear"
        : verdict.settlesAt !== undefined
          ? "counts as healthy when it stays so"
          : undefined;
    return {
      text: `${shortName(change)} in ${release.environment}: ${verdict.message}`,
      evidence,
      ...(until === undefined ? {} : { until }),
      ...(next === undefined ? {} : { next }),
    };
  }
  return { text: `${release.environment} is ${release.state.step}`, evidence: [] };
}
